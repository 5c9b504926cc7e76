import json
import os

from bench.figures import parse_result
from bench.memory import resident_kib

RAW = {
    "clients": 4, "playing": 4, "seconds": 2.0, "server_cpu_s": 0.1, "load_cpu_s": 0.1,
    "states": 100, "expected": 160.0, "payload_bytes": 800, "socket_bytes": 1000, "reads": 100,
    "inputs": 160, "input_bytes": 1600, "reasons": {},
    "gaps": {"longest_s": 0.05, "buckets": [[850, 3]]},
    "effects": {"longest_s": 0.0, "buckets": []},
}  # fmt: skip


def test_a_result_without_stalled_clients_is_parsed() -> None:
    figures = parse_result(json.dumps({"result": RAW}), 20.0)
    assert figures.stalled == {}
    assert figures.bytes_per_client_s == 100


def test_the_figures_of_stalled_clients_are_parsed() -> None:
    dropped = {"longest_s": 16.5, "buckets": [[1438, 2]]}
    stalled = {"silent": 0, "resumed": 1, "keyframes": 1, "dropped": dropped}
    figures = parse_result(json.dumps({"result": {**RAW, "stalled": stalled}}), 20.0)
    assert figures.stalled["dropped"] == 2
    assert 16 < figures.stalled["dropped_p50_s"] <= figures.stalled["dropped_last_s"] == 16.5


def test_the_times_of_a_crowd_are_parsed() -> None:
    crowd = {"in_s": 3.9, "quiet_s": 0.0, "playing_s": 1.2, "full_s": -1, "lines": [[0, 0.1, 4]]}
    figures = parse_result(json.dumps({"result": {**RAW, "crowd": crowd}}), 20.0)
    assert figures.crowd == crowd
    assert figures.longest_ms == 50.0


def test_the_memory_of_an_ended_process_is_zero() -> None:
    assert resident_kib(os.getpid()) > 1000
    assert resident_kib(2**22 + 1) == 0
