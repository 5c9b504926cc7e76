"""Parts of the gallery's scenes: pointers, overlays, matches, and texts in many scripts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import attrs

from client_demo.fetching import ReplayFetch
from client_demo.gallery import SAID_IN_SCRIPTS, SCRIPTS, results
from client_demo.screens.match import MatchScreen, Shows
from client_demo.screens.results import ResultsScreen
from client_demo.views.matchview import MatchView
from client_demo.views.screens import ChatView
from client_demo.widgets.ui import Ui
from gameserver.ids import MatchId, MessageId, PlayerId
from gameserver.messages.chat import Channel, ChatLine
from gameserver.messages.lobby import LobbyState

Draw = Callable[[Ui], None]
RIGHT_TO_LEFT: Final = ("דניאל", "محمد 7")
"""Two names written from right to left."""


def ignore(_intent: object) -> None:
    """Take an intent and do nothing."""


def pointed(at: tuple[int, int], below: Draw) -> Draw:
    """Draw something with the pointer on a place of it."""

    def draw(ui: Ui) -> None:
        ui.mouse = at
        below(ui)

    return draw


def over(below: Draw, above: Callable[[Ui], object]) -> Draw:
    """Draw something with an overlay over it, which alone can be used."""

    def draw(ui: Ui) -> None:
        ui.covered = True
        below(ui)
        ui.covered = False
        above(ui)

    return draw


def match(view: MatchView) -> Draw:
    screen = MatchScreen(shake=False)
    return lambda ui: screen.draw(ui, view, ignore, shows=Shows(), chat_key=0)


def outcome(*, won: bool = True, **changes: object) -> Draw:
    """Draw the results of a match of four, with a changed result."""
    view, screen = results(4, 2, me=0), ResultsScreen()
    assert view.lobby.result is not None
    lines = tuple(attrs.evolve(line, won=line.won and won) for line in view.lobby.result.lines)
    result = attrs.evolve(view.lobby.result, lines=lines, **changes)
    view = attrs.evolve(view, lobby=attrs.evolve(view.lobby, result=result))
    return lambda ui: screen.draw(ui, view, ignore)


def fetched(fetch: ReplayFetch) -> Draw:
    """Draw the results of a match whose replay was asked for."""
    view, screen = attrs.evolve(results(4, 2, me=0), replay=fetch), ResultsScreen()
    return lambda ui: screen.draw(ui, view, ignore)


def outcomes() -> Iterator[tuple[str, Draw]]:
    """Yield the results of matches."""
    yield "results-draw", outcome(won=False, team_scores=(9, 9), winner="")
    yield "results-stopped", outcome(reason="stopped")
    coming = ReplayFetch(MatchId("m1"), got=300_000, size=640_000, running=True)
    yield "results-fetching", fetched(coming)
    yield "results-saved", fetched(ReplayFetch(MatchId("m1"), path=Path("m1.journal")))


def in_scripts(state: LobbyState) -> LobbyState:
    members = tuple(
        attrs.evolve(m, name=name) for m, name in zip(state.members, SCRIPTS, strict=False)
    )
    config = attrs.evolve(state.config, title="ล็อบบี้ของ สมชาย 🚩 שלום")
    return attrs.evolve(state, config=config, members=members)


def talk_in_scripts(me: PlayerId) -> ChatView:
    said = tuple(
        ChatLine(MessageId(n + 1), Channel.LOBBY, PlayerId(f"p{n}"), SCRIPTS[n + 1], text, 0)
        for n, text in enumerate((*SAID_IN_SCRIPTS, "よろしくお願いします 🙏", "चलो खेलते हैं!"))
    )
    return ChatView(me, dict.fromkeys(Channel, said), {Channel.LOBBY: SCRIPTS[1:3]})


def talk_right_to_left(me: PlayerId) -> ChatView:
    """Return a chat in which names run from right to left."""
    ours, theirs = RIGHT_TO_LEFT
    lines = ("{} joined.", "{} is now {}.", "{} is the host now.", "{} was kicked.")
    said = tuple(
        ChatLine(MessageId(n), Channel.LOBBY, PlayerId(""), "", line.format(theirs, ours), 0)
        for n, line in enumerate(lines)
    )
    person = ChatLine(MessageId(9), Channel.LOBBY, PlayerId("p1"), theirs, "2 more, hello", 0)
    return ChatView(me, dict.fromkeys(Channel, (*said, person)), {Channel.LOBBY: (ours, theirs)})
