"""The figures of a road as they are written down."""

from gameserver.client.probes.binary import OverPolling, OverWebSocket
from gameserver.client.probes.comparison import TRIPS, Comparison, RoadFigures
from gameserver.client.probes.probe import Cut


def test_figures_are_rounded_in_their_units() -> None:
    figures = RoadFigures(
        "sse",
        trips_s=[n / 1000 + 0.0000049 for n in range(200)],
        overhead=[5.0, 7.25, 9.0],
        wire=[100.0, 200.26],
        rates=[10.0, 20.4, 90.0],
        cuts=[Cut(0.5, 1, 2), Cut(0.25, 3, 4), Cut(0.1, 0, 0)],
        refusals=6,
    )
    assert figures.to_json() == {
        "road": "sse",
        "failure": "",
        "round_trips": 200,
        "round_trip_p50_ms": 100.0,
        "round_trip_p99_ms": 198.0,
        "wire_bytes_per_round_trip": 150.1,
        "overhead_bytes_per_message": 7.2,
        "messages_per_s": 20,
        "cuts": 3,
        "back_p50_ms": 250.0,
        "back_max_ms": 500.0,
        "events_lost": 4,
        "events_doubled": 6,
        "rate_limited": 6,
    }


def test_what_was_not_measured_is_none() -> None:
    found = RoadFigures("sse", failure="off").to_json()
    assert {name for name, value in found.items() if value is None} == {
        "round_trip_p50_ms", "round_trip_p99_ms", "wire_bytes_per_round_trip",
        "overhead_bytes_per_message", "messages_per_s", "back_p50_ms", "back_max_ms",
    }  # fmt: skip
    assert found["failure"] == "off"
    assert (found["round_trips"], found["cuts"], found["rate_limited"]) == (0, 0, 0)
    assert (found["events_lost"], found["events_doubled"]) == (0, 0)


def test_steps_are_those_of_all_roads() -> None:
    assert Comparison("ws://localhost", [OverWebSocket]).steps == TRIPS + 2
    assert Comparison("ws://localhost", [OverWebSocket, OverPolling]).steps == TRIPS + 4
