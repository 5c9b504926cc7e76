"""What programs that use the SDK may leave out, and what a client has counted at first."""

from typing import Any

import pytest

from gameserver.client.bots import run_bots
from gameserver.client.forms import fitted, seats_on
from gameserver.client.link.address import Address
from gameserver.client.link.backoff import Backoff
from gameserver.client.link.conditions import Conditions
from gameserver.client.link.farewell import Farewell
from gameserver.client.looking import look_at
from gameserver.client.play.replica import MatchReplica
from gameserver.client.play.telemetry import Telemetry
from gameserver.client.probes.comparison import Comparison, RoadFigures
from gameserver.client.probes.connection import Heard
from gameserver.client.probes.meter import Meter
from gameserver.client.settings import ClientSettings
from gameserver.client.status import Connecting, MatchReady
from tests.defaults import counts, defaults, named

PROMISED: list[tuple[Any, dict[str, object]]] = [
    (run_bots, {"seed": 1, "level": "", "settings": None}),
    (Comparison, {"seed": 1}),
    (look_at, {"token": "", "timeout_s": 5.0}),
    (seats_on, {"seated": 0}),
    (fitted, {"seated": 0}),
    (MatchReplica.enter, {"anew": True}),
    (Address, {"resource": "/", "tls": False}),
    (Farewell, {"final": False, "at_once": False}),
    (Connecting, {"attempt": 1}),
    (MatchReady, {"delay_s": 0.0, "waits_s": 0.0, "restarted": False}),
    (
        ClientSettings,
        {
            "game": None,
            "play": True,
            "token": b"",
            "connect_timeout_s": 5.0,
            "request_timeout_s": 30.0,
            "first_attempts": 3,
            "sign_out": True,
            "seed": 0,
        },
    ),
]


@pytest.mark.parametrize(("made", "promised"), PROMISED, ids=named)
def test_what_a_program_leaves_out_is_as_documented(made: Any, promised: dict[str, object]) -> None:
    found = defaults(made)
    assert {name: found[name] for name in promised} == promised


@pytest.mark.parametrize("made", [Telemetry, Meter, Backoff, Conditions, RoadFigures, Heard])
def test_nothing_is_counted_and_nothing_delayed_at_first(made: Any) -> None:
    figures = counts(made)
    assert figures
    assert not any(figures.values())


def test_conditions_that_are_left_out_are_perfect() -> None:
    assert Conditions().perfect
