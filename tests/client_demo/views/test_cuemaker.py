import attrs
import pytest

from client_demo.views import cues
from client_demo.views.cuemaker import DEFEAT_S, CueMaker
from gameserver.arena import events
from gameserver.arena.entities import Fighter
from gameserver.client import Drawn, EventPhase
from gameserver.game.entity import Event
from gameserver.ids import EntityId, Seat
from gameserver.netcode.prediction.optimism import ToldEvent

ME, FOE = Seat(0), Seat(1)


def drawn(seat: Seat, name: str) -> Drawn:
    fighter = Fighter(name=name, team=seat + 1)
    fighter.owner = seat
    return Drawn(EntityId(seat + 1), fighter, 160.0, 320.0, 0.0, own=seat == ME)


FIGHTERS = {ME: drawn(ME, "Ann"), FOE: drawn(FOE, "Bea")}
SHOT = events.Shot(ME, 160, 160, 800, 160)
KILL = events.Killed(ME, FOE, "rifle")


def test_a_predicted_shot_is_not_shown_again_when_confirmed() -> None:
    maker = CueMaker(ME)
    (shown,) = maker.take([ToldEvent(SHOT, EventPhase.PREDICTED)], FIGHTERS, 0.0)
    assert isinstance(shown, cues.ShotCue)
    assert (shown.x, shown.own, shown.team) == (10.0, True, 1)
    assert maker.take([ToldEvent(SHOT, EventPhase.CONFIRMED)], FIGHTERS, 0.1) == ()


def test_taking_back_an_event_names_the_cue_that_showed_it() -> None:
    maker = CueMaker(ME)
    (shown,) = maker.take([ToldEvent(SHOT, EventPhase.PREDICTED)], FIGHTERS, 0.0)
    back = maker.take([ToldEvent(SHOT, EventPhase.TAKEN_BACK)], FIGHTERS, 0.1)
    assert back == (cues.TakenBack(shown.cue_id),)


def test_a_kill_enters_the_feed_with_names_and_leaves_it_when_taken_back() -> None:
    maker = CueMaker(ME)
    (death,) = maker.take([ToldEvent(KILL, EventPhase.PREDICTED)], FIGHTERS, 1.0)
    assert isinstance(death, cues.DeathCue)
    assert death.by_me
    (line,) = maker.kills(3.0)
    assert (line.killer, line.victim, line.age_s, line.own) == ("Ann", "Bea", 2.0, True)
    maker.take([ToldEvent(KILL, EventPhase.TAKEN_BACK)], FIGHTERS, 3.0)
    assert maker.kills(3.0) == []


def test_events_of_flags_are_shown_to_all_players() -> None:
    maker = CueMaker(ME)
    (banner,) = maker.take(
        [ToldEvent(events.FlagTaken(FOE, 1), EventPhase.OBSERVED)], FIGHTERS, 0.0
    )
    assert isinstance(banner, cues.Banner)
    assert (banner.text, banner.flag, banner.after) == ("Bea took the ", 1, " flag")


def test_a_player_who_left_keeps_name_and_colour_in_the_kill_feed() -> None:
    maker = CueMaker(ME)
    maker.take([], FIGHTERS, 0.0)
    alone = {ME: FIGHTERS[ME]}
    maker.take([ToldEvent(events.Killed(FOE, ME, "rocket"), EventPhase.OBSERVED)], alone, 0.0)
    (line,) = maker.kills(0.0)
    assert (line.killer, line.killer_colour) == ("Bea", (2, FOE))


def test_an_event_of_an_unknown_player_is_shown_without_a_name() -> None:
    maker = CueMaker(ME)
    maker.take([ToldEvent(events.Killed(7, ME, "rocket"), EventPhase.OBSERVED)], FIGHTERS, 0.0)
    (line,) = maker.kills(0.0)
    assert (line.killer, line.victim) == ("Somebody", "Ann")


@pytest.mark.parametrize(
    ("event", "team"),
    [
        (events.FlagTaken(FOE, 1), 2),
        (events.FlagCaptured(FOE, 1), 2),
        (events.FlagCaptured(ME, 2), 1),
        (events.FlagCaptured(9, 2), 1),
        (events.FlagDropped(FOE, 1), 1),
        (events.FlagReturned(-1, 2), 2),
    ],
)
def test_a_flags_banner_has_the_colour_of_the_team_that_gains(event: Event, team: int) -> None:
    (banner,) = CueMaker(ME).take([ToldEvent(event, EventPhase.OBSERVED)], FIGHTERS, 0.0)
    assert isinstance(banner, cues.Banner)
    assert banner.team == team


def test_the_killer_is_known_until_the_respawn() -> None:
    maker = CueMaker(ME)
    assert maker.defeat(0.0) is None
    maker.take([ToldEvent(events.Killed(FOE, ME, "rifle"), EventPhase.OBSERVED)], FIGHTERS, 1.0)
    defeat = maker.defeat(2.0)
    assert defeat is not None
    assert (defeat.killer, defeat.weapon, defeat.by_self) == ("Bea", "rifle", False)
    assert maker.defeat(1.0 + DEFEAT_S + 0.1) is None
    maker.take([ToldEvent(events.Spawned(ME, 0, 0), EventPhase.OBSERVED)], FIGHTERS, 2.0)
    assert maker.defeat(2.0) is None


def test_the_death_of_another_player_is_no_own_defeat() -> None:
    maker = CueMaker(ME)
    maker.take([ToldEvent(KILL, EventPhase.OBSERVED)], FIGHTERS, 1.0)
    assert maker.defeat(1.0) is None


def test_an_own_death_that_is_taken_back_has_no_killer() -> None:
    maker = CueMaker(ME)
    own = events.Killed(ME, ME, "rocket")
    maker.take([ToldEvent(own, EventPhase.PREDICTED)], FIGHTERS, 1.0)
    defeat = maker.defeat(1.0)
    assert defeat is not None
    assert defeat.by_self
    maker.take([ToldEvent(own, EventPhase.TAKEN_BACK)], FIGHTERS, 1.1)
    assert maker.defeat(1.1) is None


def test_a_hit_holds_the_direction_of_its_shooter() -> None:
    far = attrs.evolve(drawn(FOE, "Bea"), x=160.0 + 800.0, y=320.0)
    fighters = {ME: drawn(ME, "Ann"), FOE: far}
    for event in (events.Hit(FOE, ME, 15, 0, 0), events.Hurt(FOE, ME, 15)):
        (hit,) = CueMaker(ME).take([ToldEvent(event, EventPhase.OBSERVED)], fighters, 0.0)
        assert isinstance(hit, cues.HitCue)
        assert hit.away == (50.0, 0.0)
    for event in (events.Hurt(ME, ME, 15), events.Hit(7, ME, 15, 0, 0)):
        (hit,) = CueMaker(ME).take([ToldEvent(event, EventPhase.OBSERVED)], fighters, 0.0)
        assert isinstance(hit, cues.HitCue)
        assert hit.away is None


def test_a_kill_that_the_server_plays_anew_leaves_the_feed() -> None:
    maker = CueMaker(FOE)
    maker.take([ToldEvent(KILL, EventPhase.OBSERVED)], FIGHTERS, 1.0)
    assert len(maker.kills(1.0)) == 1
    assert maker.defeat(1.0) is not None
    maker.forget()
    assert maker.kills(1.0) == []
    assert maker.defeat(1.0) is None
