from gameserver.client.play.matchkeeper import MatchKeeper
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import MatchId, RequestId, Seat, Tick
from gameserver.messages.base import Request
from gameserver.messages.match import EnterMatch, MatchEntered, MatchStarted
from tests.rooms.party import MAPS, Tag


class Asked:
    """Notes what is asked, and answers that the match was entered."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        game, tile_map = Tag(), MAPS["attic"]
        self.keeper = MatchKeeper(
            self.ask, lambda _request_id: None, lambda _message: None, lambda _entered: None, list
        )
        self.keeper.game = game
        self.keeper.know_map(tile_map)
        self.keeper.started(started(tile_map))

    def watches(self) -> bool:
        return self.keeper.replica is not None

    def ask(self, request: Request, settle: object) -> RequestId:
        self.requests.append(request)
        assert callable(settle)
        settle(MatchEntered(Tick(1), Seat(0), 1))
        return RequestId(len(self.requests))


def started(tile_map: TileMap) -> MatchStarted:
    return MatchStarted(
        MatchId("m1"), "tag", Seat(0), (), 30, 1, "attic", tile_map.digest,
        {"mode": "solo", "time_limit_s": 60}, 7, {},
    )  # fmt: skip


def test_a_match_that_was_left_is_not_entered_again_automatically() -> None:
    asked = Asked()
    assert asked.watches()
    asked.keeper.step_out()
    assert not asked.watches()
    asked.keeper.resumed()
    assert asked.requests == [EnterMatch(MatchId("m1"))]


def test_a_match_that_was_left_can_be_watched_and_the_next_one_is_entered() -> None:
    asked = Asked()
    asked.keeper.step_out()
    asked.keeper.watch()
    assert asked.requests == [EnterMatch(MatchId("m1"))] * 2
    asked.keeper.step_out()
    asked.keeper.started(started(MAPS["attic"]))
    assert len(asked.requests) == 3
    assert asked.watches()
