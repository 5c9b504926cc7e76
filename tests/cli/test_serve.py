"""``serve``: settings that cannot be served with end in one line, before anything listens."""

import json
import socket
from pathlib import Path
from shutil import copytree
from types import SimpleNamespace
from typing import Any

import pytest
import trio
import trio.testing
from structlog.testing import capture_logs

from gameserver.arena import Arena
from gameserver.cli import serve
from gameserver.cli.restoring import Restoring
from gameserver.errors import ConfigError
from gameserver.game.game import Game
from gameserver.game.maps.shipped import shipped_maps
from gameserver.plain import make_safe, printable
from gameserver.service.config.settings import Settings
from gameserver.service.runtime import Collector
from gameserver.testing.skirmish import Skirmish
from tests.cli.command import gameserver
from tests.e2e.program import environment, program
from tests.service.config.test_sources import KUBERNETES


def no_server(settings: Settings) -> None:
    """Stand where the server would start, so that a flag let through ends a test at once."""
    pytest.fail(f"served with {settings}")


@pytest.mark.parametrize(
    ("game", "complaint"),
    [
        (
            "nonsense",
            "there is no game 'nonsense'; write module:Class for your own (installed: arena)",
        ),
        ("json:JSONDecoder", "json:JSONDecoder is not a game"),
        ("gameserver.arena:Nothing", "module gameserver.arena has no Nothing"),
    ],
)
def test_an_unknown_game_is_one_line_and_exit_code_2(game: str, complaint: str) -> None:
    ended = gameserver("serve", "--port", "0", "--game", game)
    assert (ended.code, ended.out) == (2, "")
    assert ended.sentence.startswith("error: ")
    assert complaint in ended.sentence


def test_a_folder_without_maps_is_one_line_with_its_name(tmp_path: Path) -> None:
    ended = gameserver("serve", "--port", "0", "--maps", str(tmp_path))
    assert (ended.code, ended.out) == (2, "")
    assert ended.sentence.startswith(f"error: maps: there are none in {tmp_path} (a map is ")


def test_a_folder_above_the_maps_is_answered_with_the_folder_below(tmp_path: Path) -> None:
    copytree(shipped_maps(), tmp_path / "ours")
    ended = gameserver("serve", "--port", "0", "--maps", str(tmp_path))
    assert ended.code == 2
    assert f"did you mean {tmp_path / 'ours'}?" in ended.sentence


def test_a_map_with_a_fault_is_one_line_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "odd.tmj").write_text("{", "utf-8")
    ended = gameserver("serve", "--port", "0", "--maps", str(tmp_path))
    assert (ended.code, ended.out) == (2, "")
    assert ended.sentence.startswith(
        f"error: maps: none in {tmp_path} can be used: odd.tmj: is not JSON"
    )
    assert "more faults" not in ended.sentence
    for name in ("odder.tmj", "oddest.tmj"):
        (tmp_path / name).write_text("{", "utf-8")
    ended = gameserver("serve", "--port", "0", "--maps", str(tmp_path))
    assert ended.sentence.endswith("; and 2 more faults")


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        (["--port", "1"], ""),
        (["--config", "a.toml", "--port", "1"], "a.toml"),
        (["--port", "1", "--config=b=c.toml"], "b=c.toml"),
    ],
)
def test_the_settings_file_is_the_value_of_its_flag(arguments: list[str], file: str) -> None:
    assert serve.config_argument(arguments) == file


@pytest.mark.parametrize("arguments", [["--config"], ["--config="], ["--port", "1", "--config"]])
def test_a_settings_file_without_a_name_is_an_error(arguments: list[str]) -> None:
    with pytest.raises(ConfigError, match="--config must name a settings file"):
        serve.config_argument(arguments)


def test_a_port_that_is_taken_is_one_line_with_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = gameserver("serve", "--port", str(port))
    assert (ended.code, ended.out) == (1, "")
    assert ended.sentence.startswith(f"error: cannot listen on 127.0.0.1:{port}: ")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--port", "99999"), "error: --port must be a whole number from 0 to 65535, not '99999'"),
        (("--seed", "-1"), "error: --seed must be a whole number from 0 to"),
        (
            ("--heartbeat-s", "nan"),
            "error: --heartbeat-s must be a number from 0.5 to 60, not 'nan'",
        ),
        (
            ("--config", "/nowhere/to.toml"),
            "error: --config: the settings file /nowhere/to.toml is not there",
        ),
        (
            ("--config=/nowhere/to.toml",),
            "error: --config: the settings file /nowhere/to.toml is not there",
        ),
    ],
)
def test_a_flag_out_of_bounds_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], complaint: str
) -> None:
    monkeypatch.setattr(serve, "serve", no_server)
    ended = gameserver("serve", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.sentence.startswith(complaint)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--port", "many"), "--port must be a whole number from 0 to 65535, not 'many'"),
        (
            ("--log-level", "loud"),
            "--log-level must be one of debug, info, warning, error, not 'loud'",
        ),
        (("--prot", "1"), "there is no option --prot; did you mean --port?"),
    ],
)
def test_a_flag_of_the_wrong_kind_is_named_and_is_exit_code_2(
    arguments: tuple[str, ...], complaint: str
) -> None:
    ended = gameserver("serve", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.sentence.startswith(f"error: {complaint}")


def test_the_help_names_the_variable_of_every_flag() -> None:
    ended = gameserver("serve", "--help")
    assert ended.code == 0
    for variable in ("GAMESERVER_PORT", "GAMESERVER_GAME", "GAMESERVER_HEARTBEAT_S"):
        assert variable in ended.out


async def test_broken_and_hidden_maps_are_skipped_and_logged(tmp_path: Path) -> None:
    folder = copytree(shipped_maps(), tmp_path / "maps")
    (folder / "broken.tmj").write_text("{", "utf-8")
    (folder / "._courtyard.tmj").write_bytes(b"\x00\x05\x16\x07")
    (folder / ".swap.tmj").write_text("", "utf-8")
    async with program(tmp_path, "--maps", str(folder), "--log-format", "json") as running:
        said = await running.logged("map skipped")
        lines = [json.loads(line) for line in said.splitlines()]
    skipped = [line for line in lines if line["event"] == "map skipped"]
    assert [line["file"] for line in skipped] == ["broken.tmj"]
    assert "is not JSON" in skipped[0]["first"]


async def test_variables_injected_by_a_cluster_do_not_prevent_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    injected = {**KUBERNETES, "GAMESERVER_MESSAGE": "", "gameserver_port": "1"}
    monkeypatch.setattr("tests.e2e.program.environment", lambda: environment() | injected)
    async with program(tmp_path) as running:
        assert running.process.poll() is None
        lines = (await running.logged("variable not read")).splitlines()
    (told,) = [line for line in lines if "variable not read" in line]
    assert "meant=GAMESERVER_PORT variable=gameserver_port" in told


def test_help_is_printed_even_if_settings_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "gameserver.toml").write_text("[gameserver]\nprot = 1\n", "utf-8")
    for environ in ({}, {"GAMESERVER_PORT": "abc"}):
        ended = gameserver("serve", "--help", folder=tmp_path, **environ)
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.startswith("Usage: gameserver serve ")


def test_the_help_shows_no_token() -> None:
    ended = gameserver("serve", "--help", GAMESERVER_STATS_TOKEN="hush-hush")
    assert ended.code == 0
    assert "hush-hush" not in ended.out


@pytest.mark.parametrize("by", ["flag", "variable", "file"])
def test_the_error_about_a_bad_token_does_not_show_it(tmp_path: Path, by: str) -> None:
    bad = "hush hush"
    (tmp_path / "gameserver.toml").write_text(
        f'[gameserver]\nstats-token = "{bad}"\n' if by == "file" else "", "utf-8"
    )
    flags = ["--stats-token", bad] if by == "flag" else []
    environ = {"GAMESERVER_STATS_TOKEN": bad} if by == "variable" else {}
    ended = gameserver("serve", *flags, folder=tmp_path, **environ)
    assert ended.code == 2
    assert "hush" not in ended.sentence
    for odd in ("hush\x1b[31m", "hush \u202e", "h" * 300):
        assert "hush" not in gameserver("serve", "--stats-token", odd).sentence


@pytest.mark.parametrize(
    ("named", "complaint"),
    [
        ("nonsense:link", "middleware nonsense:link: there is no module nonsense"),
        ("json:lods", "middleware json:lods: module json has no lods; did you mean loads?"),
        ("json", "'json' names no middleware; write module:function"),
        ("gameserver:__version__", "must be a function: link(context, request, call_next)"),
    ],
)
def test_an_object_that_is_no_middleware_is_one_line_and_exit_code_2(
    named: str, complaint: str
) -> None:
    ended = gameserver("serve", "--port", "0", "--middleware", named)
    assert ended.code == 2
    assert complaint in ended.sentence


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ("nonsense:Guild", "namespace nonsense:Guild: there is no module nonsense"),
        ("json", "'json' names no namespace; write module:Class"),
        (
            "json:loads",
            "namespace json:loads must be a subclass of gameserver.namespaces.Namespace",
        ),
        (
            "gameserver.namespaces:Namespace",
            "namespace Namespace needs a name of its own",
        ),
    ],
)
def test_an_object_that_is_no_namespace_is_one_line_and_exit_code_2(
    named: str, sentence: str
) -> None:
    ended = gameserver("serve", "--port", "0", "--namespaces", named)
    assert (ended.code, ended.out) == (2, "")
    assert ended.sentence == f"error: {sentence}"


def test_two_namespaces_of_one_name_are_one_line_and_exit_code_2() -> None:
    named = ("--namespaces", "examples.guild:Guild")
    ended = gameserver("serve", "--port", "0", *named, *named)
    assert (ended.code, ended.sentence) == (2, "error: namespace Guild needs a name of its own")


@pytest.mark.parametrize(("cut", "code"), [(0, 0), (2, serve.MATCHES_CUT)])
def test_matches_that_were_cut_off_are_told_by_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, cut: int, code: int
) -> None:
    monkeypatch.setattr(serve, "_serve", lambda *_: cut)
    prepared: list[str] = []
    monkeypatch.setattr(serve, "raise_limit", lambda: prepared.append("descriptors"))
    monkeypatch.setattr(Collector, "settle", lambda _: prepared.append("memory"))
    assert gameserver("serve", "--port", "0").code == code
    assert prepared == ["memory", "descriptors"]


class Started:
    """Stands for the server: is ready at once, and ends when the test says so."""

    made: list["Started"] = []  # noqa: RUF012  emptied by the test

    def __init__(self, *_: object, **__: object) -> None:
        self.stopped = trio.Event()
        self.cut_matches = 2
        self.reloads = 0
        self.made.append(self)

    async def run(self, task_status: trio.TaskStatus[str]) -> None:
        task_status.started("ws://127.0.0.1:7")
        await trio.sleep_forever()

    def stop(self) -> None:
        pass

    drain = stop

    def reload_certificate(self) -> None:
        self.reloads += 1


@pytest.mark.parametrize(
    ("game", "built", "pages"),
    [(Arena(), True, True), (Arena(), False, False), (Skirmish(), True, True)],
)
async def test_a_server_says_that_it_is_ready_and_ends_with_the_matches_that_it_cut(
    monkeypatch: pytest.MonkeyPatch, game: Game, built: bool, pages: bool
) -> None:
    told: list[bool] = []
    said: list[str] = []

    def ready(*_: object, pages: bool, console: bool) -> str:
        told.append(pages)
        assert not console
        return "ready"

    signals: list[tuple[Any, ...]] = []
    closed: list[str] = []

    async def no_signal(*acts: Any) -> None:
        signals.append(acts)
        await trio.sleep_forever()

    Started.made.clear()
    monkeypatch.setattr(Restoring, "close", lambda _: closed.append("bar"))
    for name, stand_in in (
        ("Server", Started), ("ready", ready), ("on_signal", no_signal),
        ("read_pages", lambda _: {"/": b""} if built else {}),
    ):  # fmt: skip
        monkeypatch.setattr(serve, name, stand_in)
    ended: list[int] = []

    async def run() -> None:
        writer: Any = SimpleNamespace(write=said.append)
        settings = Settings(tls_cert="some.pem") if built else Settings()
        ended.append(await serve._run(settings, game, {}, (), (), writer))

    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run)
            await trio.testing.wait_all_tasks_blocked()
            assert (said, told, ended, len(closed)) == (["ready"], [pages], [], 1)
            (server,) = Started.made
            ((end, terminate, hung_up),) = signals
            assert (end, terminate, hung_up is not None) == (server.stop, server.drain, built)
            if built:
                hung_up()
            assert server.reloads == built
            server.stopped.set()
    assert ended == [2]


def test_middleware_is_used_in_the_order_of_its_options() -> None:
    named = ["gameserver.plain:printable", "gameserver.plain:make_safe"]
    assert serve._middleware(Settings(middleware=named)) == [printable, make_safe]


@pytest.mark.parametrize(
    ("named", "complaint"),
    [
        ("/shop", "mount /shop must name one path once: /path=module:object"),
        ("/shop=nonsense:app", "application nonsense:app: there is no module nonsense"),
        ("/shop=json", "'json' names no application; write module:object"),
        ("/shop=gameserver:__version__", "gameserver:__version__ is no ASGI application"),
        ("/api=json:loads", "no application can be at '/api': a path such as /shop can"),
    ],
)
def test_what_cannot_be_mounted_is_one_line_and_exit_code_2(named: str, complaint: str) -> None:
    ended = gameserver("serve", "--port", "0", "--mount", named)
    assert ended.code == 2
    assert complaint in ended.sentence


def test_applications_are_mounted_at_their_paths() -> None:
    named = ["/shop=gameserver.plain:printable", "/news=gameserver.plain:make_safe"]
    assert serve._mounted(Settings(mount=named)) == {"/shop": printable, "/news": make_safe}


def test_the_help_shows_neither_a_token_nor_a_default_that_looks_like_one() -> None:
    told = gameserver("serve", "--help", GAMESERVER_STATS_TOKEN="hush-hush").out
    assert "--stats-token TEXT" in told
    assert "*" not in told
    assert "hush" not in told


@pytest.mark.parametrize(
    ("secret", "built", "opens", "warned"),
    [
        ("", True, False, False),
        ("correct-horse-battery", True, True, False),
        ("correct-horse-battery", False, False, True),
    ],
)
def test_the_console_is_named_if_it_is_on_and_its_page_was_built(
    secret: str, built: bool, opens: bool, warned: bool
) -> None:
    settings = Settings(console_secret=secret)
    with capture_logs() as lines:
        assert serve._has_console(settings, {"/console": b""} if built else {}) == opens
    assert [line["event"] for line in lines] == (["console without page"] if warned else [])
