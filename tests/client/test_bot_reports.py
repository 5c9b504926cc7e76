"""What is reported of bots: sums over all players, spreads, and the failure that all share."""

from gameserver.client.bots import SampleSpread, _first_known, _Record, _report
from gameserver.client.play.telemetry import Telemetry
from gameserver.errors import Code, ConnectionLostError, RequestError
from gameserver.ids import MatchId
from gameserver.messages.match import MatchStats

REFUSED = RequestError(Code.RATE_LIMITED, "slower")


def test_the_report_adds_up_all_players_and_rates_bytes_by_the_time_played() -> None:
    first, second = _Record(), _Record()
    for record, base in ((first, 1), (second, 10)):
        record.replicas = [
            Telemetry(
                snapshots=base, inputs=2 * base, keyframes=3 * base, desyncs=4 * base,
                divergence_count=5 * base, divergences_by_input=6 * base,
            )
            for _ in range(2)
        ]  # fmt: skip
        record.inputs = {"a": MatchStats(late=base, missed=2 * base), "b": MatchStats(late=base)}
        record.reconnects, record.seconds = base, 4.0 * base
        record.bytes_in, record.bytes_out = 100 * base, 50 * base
        record.rtts_s = [base / 1000]
        record.replicas[0].corrections_px.extend([float(base), 0.0])
    first.faults = {MatchId("m1"): "one", MatchId("m2"): "two"}
    second.faults = {MatchId("m2"): "two", MatchId("m3"): "three"}
    report = _report(2, 9.0, [first, second])
    assert (report.players, report.seconds, report.matches) == (2, 9.0, 4)
    assert (report.snapshots, report.inputs, report.keyframes, report.desyncs) == (22, 44, 66, 88)
    assert (report.divergences, report.divergences_by_input) == (110, 132)
    assert (report.late_inputs, report.missed_inputs, report.reconnects) == (22, 22, 11)
    assert (report.faults, report.fault) == (3, "three")
    assert report.bytes_in_per_player_s == round(1100 / 44, 1)
    assert report.bytes_out_per_player_s == round(550 / 44, 1)
    assert report.rtt_ms == SampleSpread(10.0, 10.0)
    assert report.correction_px == SampleSpread(1.0, 10.0)
    assert report.to_json()["rtt_ms"] == {"p50": 10.0, "p99": 10.0}


def test_a_report_of_nothing_is_all_zeros() -> None:
    for records in ([], [_Record()]):
        values = _report(1, 5.0, records).to_json()
        assert (values.pop("players"), values.pop("seconds"), values.pop("fault")) == (1, 5.0, "")
        spreads = [values.pop(name) for name in ("rtt_ms", "correction_px")]
        assert spreads == [{"p50": 0.0, "p99": 0.0}] * 2
        assert set(values.values()) == {0}
    empty = _Record()
    assert (empty.bytes_in, empty.bytes_out, empty.seconds) == (0, 0, 0.0)


def test_a_spread_has_the_middle_and_the_99th_part_rounded() -> None:
    samples = [n + 0.00049 for n in range(200)]
    assert SampleSpread.of(samples) == SampleSpread(100.0, 198.0)
    assert SampleSpread.of([1.23456]) == SampleSpread(1.235, 1.235)


def test_of_many_failures_of_ours_the_first_is_raised_and_others_are_bugs() -> None:
    lost, refused = ConnectionLostError("gone"), REFUSED
    assert _first_known(BaseExceptionGroup("", [lost, refused])) is lost
    nested = BaseExceptionGroup("", [BaseExceptionGroup("", [refused]), lost])
    assert _first_known(nested) is refused
    assert _first_known(BaseExceptionGroup("", [lost, KeyError("bug")])) is None
    assert _first_known(BaseExceptionGroup("", [KeyError("bug")])) is None
