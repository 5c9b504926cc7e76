"""The text that ``gameserver serve`` prints when the server is ready.

Law: every printed address can be used as it is. The wildcards ``0.0.0.0`` and ``::`` stand for all
addresses of the machine and cannot be used by other machines, so they are replaced.
"""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address

import attrs
from rich.panel import Panel
from rich.table import Table

from gameserver import accel
from gameserver.cli.output import out, outside
from gameserver.game.game import Game
from gameserver.installation import client_command, server_command
from gameserver.service.config.settings import Settings
from gameserver.transports import own_address, shown

LOOPBACK = "127.0.0.1"

UNKNOWN = "<this machine's address>"
"""Printed if the machine's address in the network cannot be found."""

WITHOUT_NATIVE = "the hot path in C is not built: each player costs more (docs/operating.md)"
"""Printed if the server runs without its native part."""


@attrs.frozen
class Reachable:
    """The addresses that players type to connect."""

    here: tuple[str, ...]
    """Addresses for players on this machine."""
    others: tuple[str, ...]
    """Further addresses, for players on other machines."""
    alone: bool
    """Whether only this machine can reach the server."""


def reachable(hosts: Sequence[str], address: str) -> Reachable:
    """Return the addresses at which a server can be reached.

    Args:
        hosts: The addresses and names that it listens on.
        address: The URL of the first one, with scheme and port.
    """
    scheme, _, rest = address.partition("://")
    port = int(rest.rpartition(":")[2])
    here: dict[str, None] = {}
    others: dict[str, None] = {}
    for host in hosts:
        everywhere = _is_wildcard(host)
        here[f"{scheme}://{shown(LOOPBACK if everywhere else host, port)}"] = None
        if everywhere:
            found = list(_own(host)) or [UNKNOWN]
            others.update({f"{scheme}://{shown(each, port)}": None for each in found})
    alone = all(map(_is_loopback, hosts))
    return Reachable(tuple(here), tuple(each for each in others if each not in here), alone)


def _own(wildcard: str) -> Iterator[str]:
    for version in (4, 6) if ":" in wildcard else (4,):
        if address := own_address(version):
            yield address


def _is_wildcard(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().removesuffix(".") == "localhost"


def ready(
    address: str,
    settings: Settings,
    game: Game,
    maps: int,
    *,
    pages: bool = False,
    console: bool = False,
) -> str:
    """Return the text for a ready server: a box in a terminal, else plain lines.

    Args:
        address: The server's first address, with scheme and port.
        settings: The server's settings.
        game: The game that it plays.
        maps: Number of its maps.
        pages: Whether the browser client was built, so that the address is a page to play on.
        console: Whether the operator's console is on, and its page was built.
    """
    reached = reachable(settings.host, address)
    first, *more = reached.here
    play = _how_to_play(first, settings.game, game)
    browsed = {"in a browser": _page(first)} if pages else {}
    if console:
        browsed["console"] = _console(first, settings.console_port)
    if not out.is_terminal:
        return _lines(reached, browsed, play)
    grid = Table.grid(padding=(0, 2))
    grid.add_row("[dim]address[/]", f"[bold cyan]{outside(first)}[/]")
    for other in more:
        grid.add_row("[dim]also[/]", f"[cyan]{outside(other)}[/]")
    for other in reached.others:
        grid.add_row("[dim]for others[/]", f"[cyan]{outside(other)}[/]")
    grid.add_row(
        "[dim]game[/]", f"{outside(game.title)}, {maps} maps, {game.tick_rate} ticks a second"
    )
    if pages:
        grid.add_row("[dim]open[/]", f"[bold cyan]{outside(_page(first))}[/] in a browser")
    if console:
        grid.add_row("[dim]console[/]", f"[cyan]{outside(browsed['console'])}[/]")
    grid.add_row("[dim]play[/]", f"[bold]{outside(play)}[/]")
    if reached.alone:
        grid.add_row("[dim]friends[/]", "start with [bold]--host 0.0.0.0[/] to let others in")
    if accel.hot.name == "pure":
        grid.add_row("[dim]note[/]", WITHOUT_NATIVE)
    grid.add_row("[dim]stop[/]", "Ctrl-C")
    title = f"{outside(settings.name)} is ready"
    with out.capture() as box:
        out.print(Panel(grid, title=title, expand=False, border_style="green"))
    return box.get()


def _lines(reached: Reachable, browsed: Mapping[str, str], play: str) -> str:
    """Return the text for a file: a line for each address, the first one for programs."""
    first, *more = reached.here
    lines = [f"ready: {first}", *(f"also: {other}" for other in more)]
    lines += [f"for others: {other}" for other in reached.others]
    lines += [f"{name}: {page}" for name, page in browsed.items()]
    lines.append(f"to play: {play}")
    if accel.hot.name == "pure":
        lines.append(f"note: {WITHOUT_NATIVE}")
    return "".join(f"{line}\n" for line in lines)


def _page(address: str) -> str:
    """Return the address of the browser client: that of the server, for a browser."""
    return f"http{address.removeprefix('ws')}/"


def _console(address: str, own_port: int) -> str:
    """Return the address of the operator's console, which may have a port of its own."""
    front, _, port = address.rpartition(":")
    return f"http{front.removeprefix('ws')}:{own_port or port}/console"


def _how_to_play(address: str, spec: str, game: Game) -> str:
    """Return a command to play with: the shipped client for the shipped game, else bots."""
    if game.name == "arena":
        return f"{client_command()} --url {address}"
    own = f" --game {spec}" if ":" in spec else ""
    bots = f"{server_command()} bots --url {address}{own}"
    return bots if game.bot_levels else "with a client of your own"
