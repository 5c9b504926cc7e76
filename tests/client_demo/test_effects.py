from client_demo.camera import Camera
from client_demo.effects import DIRECTION_S, DIRECTIONS, MOST, FadingEffects
from client_demo.theme import DEFAULT
from client_demo.views import cues


def begun(*happened: cues.Cue) -> FadingEffects:
    effects = FadingEffects()
    for cue in happened:
        effects.begin(cue, DEFAULT, Camera())
    return effects


def test_effects_end_by_themselves() -> None:
    effects = begun(cues.Explosion(1, 10, 10), cues.ShotCue(2, 0, 0, 50, 50, 1, 0))
    assert effects.live
    for _ in range(120):
        effects.advance(1 / 60)
    assert effects.live == []


def test_taking_back_a_cue_ends_its_effects_only() -> None:
    effects = begun(cues.ShotCue(1, 0, 0, 50, 50, 1, 0), cues.ShotCue(2, 0, 0, 50, 50, 2, 1))
    effects.begin(cues.TakenBack(1), DEFAULT, Camera())
    assert {effect.cue_id for effect in effects.live} == {2}


def test_hitting_marks_the_crosshair_and_being_hit_colours_the_border() -> None:
    by_me = begun(cues.HitCue(1, 0, 0, 15, by_me=True))
    assert (by_me.marker, by_me.flash) == (1.0, 0.0)
    on_me = begun(cues.HitCue(1, 0, 0, 15, on_me=True))
    assert on_me.marker == 0.0
    assert on_me.flash > 0


def test_effects_are_bounded() -> None:
    effects = begun(*(cues.Explosion(n, 0, 0) for n in range(MOST)))
    assert len(effects.live) <= MOST


def test_being_hit_shows_the_direction_for_a_moment() -> None:
    effects = begun(cues.HitCue(1, 0, 0, 15, on_me=True, away=(0.0, 300.0)))
    ((turn, _),) = effects.hurt_from
    assert turn == 256
    effects.advance(DIRECTION_S / 2)
    assert effects.hurt_from
    effects.advance(DIRECTION_S)
    assert effects.hurt_from == []


def test_hits_on_others_and_by_the_own_rocket_show_no_direction() -> None:
    effects = begun(
        cues.HitCue(1, 0, 0, 15, away=(0.0, 300.0)), cues.HitCue(2, 0, 0, 15, on_me=True, away=None)
    )
    assert effects.hurt_from == []


def test_only_the_last_few_directions_are_shown() -> None:
    wounds = [cues.HitCue(n, 0, 0, 5, on_me=True, away=(1.0, float(n))) for n in range(20)]
    assert len(begun(*wounds).hurt_from) == DIRECTIONS
