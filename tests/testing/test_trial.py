"""What only a match shows: each spoilt game is told in one sentence that names the place."""

from subprocess import CalledProcessError

import pytest

from gameserver.game.checking.found import Found
from gameserver.game.loading.games import find_game
from gameserver.match import TickReport
from gameserver.testing import trial
from gameserver.testing.maps import map_from_rows
from gameserver.testing.stepper import MatchStepper
from gameserver.testing.trial import Played, plans, play

MAP = map_from_rows(*["." * 16] * 16)


def tried(name: str) -> Played:
    spec = f"tests.testing.faulty_games:{name}"
    game, found = find_game(spec), Found()
    (plan,) = plans(game, [MAP], 90, found)
    assert found.faults == []
    return play(game, spec, plan, 1, lambda _: None)


def test_a_valid_game_has_no_faults() -> None:
    played = tried("Sound")
    assert played.faults == ()
    assert (played.ticks, played.ended, len(played.tally)) == (90, False, 32)


@pytest.mark.parametrize(
    ("name", "place", "words"),
    [
        ("ByHash", "ByHash", "differ at tick 1 .*: Pawn.secret of entity 1 is"),
        ("BySetOrder", "BySetOrder", "differ at tick 1 .*: Pawn.secret of entity 1 is"),
        ("ByClock", "ByClock", "differ at tick 1 .*"),
        ("KeepsScore", "KeepsScore.score", "changed during a match, from 0 to 90"),
        ("Remembers", "Remembers.seen", "changed during a match, from None to 4"),
        ("WildBot", "WildBot", "the bot in seat 2 at tick 1: Step.move: 9 is no int from 0 to 4"),
        ("SpawnsStray", "SpawnsStray", "holds a Stray, which is not in SpawnsStray.entities"),
        ("RunsOff", "RunsOff", "Pawn 1, field x: 1[0-9]+ is not an int from 0 to 1000"),
        (
            "Swarms",
            "Swarms",
            r"^this game has 65,537 entities, 65,537 of them Pawn, more than the limit of 65,536;",
        ),
        (
            "Crowds",
            "Crowds",
            r"32,004 entities, 32,000 of them Wide: a snapshot of 1,[0-9]+,[0-9]+ bytes, more than",
        ),
        ("Shouts", "Shouts", "and 5,000 events of a tick, 5,000 of them Bang: a snapshot of 1,"),
        (
            "LongName",
            "LongName",
            "^Named [0-9]+, field name: a text of 100000 characters, more than the limit of 255 ",
        ),
        (
            "LongEvent",
            "LongEvent",
            "^event Bang, field text: a text of 100000 characters, more than the limit of 255 ",
        ),
        ("HugeNumber", "HugeNumber", "^Pawn 1, field secret: .* is not an int from -90"),
        ("PredictsSecrets", "PredictsSecrets.predict", "raised LookupError.* on a client at tick"),
        ("NoBot", "NoBot", r"bot\(\) returned None, which is no bot"),
        ("Loops", "Loops", "has not come back for 20 s, at faulty_games.py line"),
        ("Renames", "Named.name", "is sent once and changed from 'Player 0' to 'Other' at tick 7"),
        ("Vanishes", "Vanishes", r"step.* at tick 3 .*ends the process"),
        ("Exits", "Exits", r"outcome\(\) at tick 4 raised SystemExit\(3\)"),
    ],
)
def test_each_fault_of_a_game_is_reported_with_its_place(name: str, place: str, words: str) -> None:
    (fault,) = tried(name).faults
    assert fault.place == place
    with pytest.raises(ValueError, match=words):
        raise ValueError(fault.message)


def test_the_line_of_code_that_spawned_too_much_is_reported() -> None:
    (fault,) = tried("Swarms").faults
    assert "faulty_games.py" in fault.hint


def test_options_that_no_map_fits_are_reported() -> None:
    found = Found()
    arena = find_game("arena")
    fitting = plans(arena, [MAP], 100, found)
    assert next(fitting).label == "the default options"
    list(fitting)
    assert [fault.place for fault in found.faults] == ["Arena.map_fits", "Arena.map_fits"]
    assert "no map fits mode = tdm; maps: drawn" in found.faults[0].message


def test_an_exception_in_a_library_is_reported_with_the_calling_line_of_the_game() -> None:
    (fault,) = tried("Misuses").faults
    assert "faulty_games.py" in fault.hint


@pytest.mark.parametrize(
    ("stderr", "words"), [(b"Traceback\nImportError: no\n", "ImportError: no"), (b"", "nothing")]
)
def test_a_match_that_cannot_be_replayed_elsewhere_is_reported_with_the_last_words(
    monkeypatch: pytest.MonkeyPatch, stderr: bytes, words: str
) -> None:
    def fails(*_: object) -> list[str]:
        raise CalledProcessError(1, "python", stderr=stderr)

    monkeypatch.setattr(trial, "_elsewhere", fails)
    (fault,) = tried("Sound").faults
    assert fault.message == f"a recorded match could not be played again elsewhere: {words}"


def test_clients_that_lost_the_world_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    real, lost = MatchStepper.run, [0]

    def run(stepper: MatchStepper, ticks: int) -> TickReport:
        report = real(stepper, ticks)
        if not lost[0]:
            lost[0] = 1
            for client in stepper.clients.values():
                client.replica.telemetry.desyncs += 1
        return report

    monkeypatch.setattr(MatchStepper, "run", run)
    (fault,) = tried("Sound").faults
    assert fault.message.startswith("clients lost the world 2 times (")


def test_a_game_whose_step_takes_half_of_a_tick_is_warned_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trial, "_compare", lambda *_: None)
    assert tried("Sound").faults == ()
    monkeypatch.setattr(trial, "HEAVY", 0.0)
    (fault,) = tried("Sound").faults
    assert fault.place == "Sound.step"
    assert "ms of the 33.3 ms between two ticks" in fault.message
