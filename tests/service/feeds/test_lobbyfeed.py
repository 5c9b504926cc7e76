"""The topics of one lobby, around a match that is stepped by the test."""

import json
from typing import Any

import attrs
import pytest

from gameserver.ids import LobbyId, MatchId, PlayerId, Seat, Tick
from gameserver.messages.lobby import LobbySummary, MatchResult, Phase
from gameserver.messages.match import MatchEnded, MatchHappened, MatchStarted, SeatedPlayer
from gameserver.roads.events.topics import Changes, Topic
from gameserver.rooms.state.shown import ShownLobby
from gameserver.service.feeds.lobbyfeed import SCORES_S, LobbyFeed
from gameserver.testing.skirmish import Board, Runner
from tests.store.recorded import GAME, Played

LOBBY = LobbySummary(
    LobbyId("abc"), "Ann's", "Ann", Phase.OPEN, "map", "", 1, 4, 0,
    password=False, locked=False, joinable=True,
)  # fmt: skip
MATCH = MatchId("m1")
ANN = SeatedPlayer(Seat(0), PlayerId("p1"), "Ann", 1, bot=False)
BOB = SeatedPlayer(Seat(1), PlayerId("p2"), "Bob", 2, bot=False)
RESULT = MatchResult(MATCH, "finished", "Ann", (1, 0), (), 9)
IDLE = ShownLobby(LOBBY, MatchId(""), None, (), None)
RUNNING = ShownLobby(LOBBY, MATCH, None, (ANN,), None)
STARTED = MatchStarted(
    MATCH, "skirmish", Seat(0), (ANN,), 20, 2, "map", "digest", {"laps": 2}, 7, b""
)


class Reader:
    def wake(self) -> None: ...


def read(topic: Topic) -> Reader:
    reader = Reader()
    topic.readers[reader] = None
    return reader


def state(topic: Topic) -> Any:
    return json.loads(topic.state().partition(b"data: ")[2])["state"]


def said(topic: Topic, place: int = 0) -> list[tuple[str, Any]]:
    """Return the names and values of what was said behind a place."""
    found = topic.since(place)
    assert found is not None
    pieces = [piece.decode().partition("\ndata: ") for _, piece in found]
    return [(name.removeprefix("event: "), json.loads(data)) for name, _, data in pieces]


@pytest.fixture
def played() -> Played:
    return Played().play(3)


def feed_of(played: Played | None, shown: ShownLobby = RUNNING) -> LobbyFeed:
    return LobbyFeed(shown, GAME, Changes(), None if played is None else played.match)


def test_states_before_a_match_tell_the_lobby_and_no_scores() -> None:
    feed = feed_of(None, IDLE)
    lobby = state(feed.happens)["lobby"]
    assert (lobby["title"], lobby["host_name"]) == ("Ann's", "Ann")
    assert state(feed.happens) == {"lobby": lobby, "match_id": "", "result": None, "players": []}
    assert state(feed.scores) == {
        "lobby": lobby, "match_id": "", "result": None, "scores": [], "team_scores": [],
    }  # fmt: skip
    assert state(feed.world(5))["entities"] == []
    feed.look(10)
    feed.refresh()
    assert not feed.followed


def test_the_state_of_a_match_tells_players_rate_and_options_once_they_are_known(
    played: Played,
) -> None:
    assert [each["name"] for each in state(feed_of(played).happens)["players"]] == ["Ann"]
    assert "tick_rate" not in state(feed_of(played).happens)
    known = state(feed_of(played, attrs.evolve(RUNNING, facts=STARTED)).happens)
    assert (known["tick_rate"], known["options"]) == (20, {"laps": 2})


def test_the_events_of_a_match_are_told_on_its_topics(played: Played) -> None:
    feed = feed_of(played)
    feed.tell(STARTED)
    names = [event.__name__ for event in GAME.events]
    struck = names.index("Struck")
    fields = tuple(range(len(attrs.fields(GAME.events[struck]))))
    feed.tell(MatchHappened(MATCH, Tick(7), struck, fields))
    feed.tell(MatchEnded(RESULT))
    (begun, first), (event, happened), (ended, last) = said(feed.happens)
    assert (begun, event, ended) == ("match.started", "match.event", "match.ended")
    assert first == {
        "topic": "match:abc", "match_id": "m1", "game": "skirmish", "tick_rate": 20, "map": "map",
        "options": {"laps": 2}, "players": first["players"],
    }  # fmt: skip
    assert [each["name"] for each in first["players"]] == ["Ann"]
    assert (happened["match_id"], happened["tick"], happened["event"]) == ("m1", 7, "Struck")
    assert list(happened["fields"].values()) == list(fields)
    assert last["result"]["winner"] == "Ann"
    scores = said(feed.scores)
    assert [name for name, _ in scores] == ["match.started", "match.ended"], "no single event"
    assert scores[1][1]["result"] == last["result"]


def test_scores_are_told_when_they_change_and_are_looked_at_now_and_then(played: Played) -> None:
    feed = feed_of(played)
    reader = read(feed.scores)
    feed.look(10)
    assert said(feed.scores) == []
    runner = next(each for each in played.match.world if isinstance(each, Runner))
    runner.hits += 5
    feed.look(10 + SCORES_S - 0.01)
    assert said(feed.scores) == [], "it is not due yet"
    feed.look(10 + SCORES_S)
    ((name, values),) = said(feed.scores)
    assert name == "match.scores"
    assert (values["match_id"], values["tick"]) == ("m1", 3)
    best = max(line["score"] for line in values["scores"])
    assert best == max(line.score for line in played.match.standings().standings)
    assert values["team_scores"] == list(played.match.standings().team_scores)
    assert state(feed.scores)["scores"] == values["scores"]
    runner.hits += 5
    feed.tell(MatchHappened(MATCH, Tick(3), 0, (0,) * len(attrs.fields(GAME.events[0]))))
    feed.look(10 + SCORES_S + 0.01)
    assert len(said(feed.scores)) == 2, "an event makes them due at once"
    feed.scores.leave(reader)
    runner.hits += 5
    feed.look(100)
    assert len(said(feed.scores)) == 2, "nobody reads"
    feed.refresh()
    assert len(said(feed.scores)) == 3, "a first reader begins with the present"
    read(feed.happens)
    runner.hits += 5
    feed.refresh()
    assert len(said(feed.scores)) == 3, "what is read is looked at when it is due"
    feed.look(100 + SCORES_S)
    assert len(said(feed.scores)) == 4, "readers of the match see them in the state"


def test_each_rate_has_one_topic_and_is_shown_on_its_own_grid(played: Played) -> None:
    feed = feed_of(played)
    fast, slow = feed.world(10), feed.world(2)
    assert (feed.world(10), fast.rate, slow.rate) == (fast, 10, 2)
    assert feed.topics == [feed.happens, feed.scores, fast, slow]
    read(fast)
    read(slow)
    assert feed.followed
    shown: dict[int, list[float]] = {10: [], 2: []}
    for step in range(40):
        now, before = 3.007 + step / 40, {each.rate: each.last for each in (fast, slow)}
        played.play(1)
        feed.look(now)
        for topic in (fast, slow):
            if topic.last > before[topic.rate]:
                shown[topic.rate].append(now)
    assert shown[10] == pytest.approx([3.007 + number / 10 for number in range(10)])
    assert shown[2] == pytest.approx([3.007, 3.507])


def test_a_world_is_shown_more_seldom_while_its_snapshots_are(played: Played) -> None:
    feed = feed_of(played)
    topic = feed.world(10)
    read(topic)
    played.match.snapshot_stretch = 4
    times = []
    for step in range(100):
        before = topic.last
        played.play(1)
        feed.look(0.007 + step / 100)
        if topic.last > before:
            times.append(0.007 + step / 100)
    assert times == pytest.approx([0.007, 0.407, 0.807])


def test_a_first_reader_of_the_world_begins_with_the_present_one(played: Played) -> None:
    feed = feed_of(played)
    topic = feed.world(5)
    assert state(topic)["tick"] == 3
    played.play(4)
    assert state(feed.world(5))["tick"] == 7
    read(topic)
    played.play(4)
    assert state(feed.world(2))["tick"] == 7, "one who reads is shown it when it is due"


def test_changes_of_the_lobby_renew_states_and_tell_new_players(played: Played) -> None:
    feed = feed_of(played)
    feed.stale = True
    for topic in (feed.happens, feed.scores):
        assert state(topic)["lobby"]["title"] == "Ann's"
    renamed = attrs.evolve(RUNNING, lobby=attrs.evolve(LOBBY, title="Bob's"))
    feed.update(renamed, played.match)
    assert not feed.stale
    for topic in (feed.happens, feed.scores):
        assert state(topic)["lobby"]["title"] == "Bob's"
    assert said(feed.happens) == []
    feed.update(attrs.evolve(renamed, players=(ANN, BOB)), played.match)
    ((name, values),) = said(feed.happens)
    assert (name, [each["name"] for each in values["players"]]) == ("match.players", ["Ann", "Bob"])
    other = attrs.evolve(renamed, match_id=MatchId("m2"), players=(BOB,))
    feed.update(other, Played().match)
    assert len(said(feed.happens)) == 1, "the start of a match tells its players itself"


def test_another_match_is_shown_at_once_and_its_end_leaves_an_empty_world(played: Played) -> None:
    feed = feed_of(played)
    topic = feed.world(5)
    read(topic)
    read(feed.scores)
    state(topic)
    last = topic.last
    feed.update(RUNNING, played.match)
    assert topic.last == last, "the same match is not begun again"
    second = Played()
    board = next(each for each in second.match.world if isinstance(each, Board))
    board.mood = "other"
    feed.update(attrs.evolve(RUNNING, match_id=MatchId("m2")), second.match)
    assert topic.last > last
    shown = state(topic)
    assert (shown["match_id"], shown["tick"]) == ("m2", 0)
    assert "other" in [each.get("mood") for each in shown["entities"]]
    feed.look(0)
    assert said(feed.scores) == []
    feed.update(attrs.evolve(IDLE, result=RESULT), None)
    assert (state(topic)["match_id"], state(topic)["entities"]) == ("", [])
    assert state(feed.scores)["scores"] == []
    assert state(feed.scores)["result"]["winner"] == "Ann"


def test_a_game_that_fails_to_tell_its_area_has_no_world_and_scores_all_the_same(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("no")

    monkeypatch.setattr(type(GAME), "area", fails)
    feed = feed_of(played)
    topic = feed.world(5)
    shown = state(topic)
    assert (shown["match_id"], "area" in shown) == ("m1", False)
    assert len(state(feed.scores)["scores"]) == len(played.match.standings().standings)


def test_a_lobby_that_is_not_shown_any_more_ends_all_topics(played: Played) -> None:
    feed = feed_of(played)
    topics = [feed.happens, feed.scores, feed.world(5)]
    feed.update(None, None)
    for topic in topics:
        assert topic.over
        ((name, values),) = said(topic, topic.last - 1)
        assert (name, values["reason"]) == ("end", "not_shown")


def test_scores_of_another_match_are_looked_at_without_waiting(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = feed_of(played)
    read(feed.scores)
    feed.look(0.0)
    other = Played().play(3)
    feed.update(attrs.evolve(RUNNING, match_id=MatchId("m2")), other.match)
    looked: list[Any] = []
    monkeypatch.setattr(feed, "_look_at_scores", looked.append)
    feed.look(SCORES_S / 2)
    assert looked == [other.match]
