"""A game says which of its options is its mode; no name of an option means anything by itself."""

import attrs
import pytest

from gameserver.errors import Code, RequestError
from gameserver.game.options import option
from gameserver.messages import forms, lobby
from tests.rooms.party import Guest, Party, Tag


@attrs.frozen
class Rules:
    kind: str = option("race", "Kind", choices={"race": "Race", "hunt": "Hunt"})
    mode: bool = option(False, "Night mode")


class Rounds(Tag):
    """The mode is ``kind``; ``mode`` is something else."""

    options = Rules  # type: ignore[assignment]
    mode_option = "kind"

    def teams(self, options: Rules) -> int:  # type: ignore[override]
        del options
        return 0

    def map_fits(self, options: Rules, modes: tuple[str, ...]) -> bool:  # type: ignore[override]
        return options.kind == "race" or "team" in modes


class Free(Rounds):
    """The same options, and none of them is a mode."""

    mode_option = ""


def listed(guest: Guest, mode: str = "") -> dict[str, str]:
    found = guest.ask(lobby.ListLobbies(lobby.LobbyFilter(mode=mode)))
    assert isinstance(found, lobby.LobbyList)
    return {each.title: each.mode for each in found.lobbies}


def form(guest: Guest) -> forms.LobbyForm:
    found = guest.ask(forms.GetLobbyForm())
    assert isinstance(found, forms.LobbyForm)
    return found


def test_lists_filters_and_forms_use_the_games_option_for_modes() -> None:
    party = Party(game=Rounds())
    party.guest("Ann").create(title="Run", options={"mode": True})
    party.guest("Bob").create(title="Prey", map="court", options={"kind": "hunt"})
    carl = party.guest("Carl")
    assert listed(carl) == {"Run": "race", "Prey": "hunt"}
    assert listed(carl, "hunt") == {"Prey": "hunt"}
    assert form(carl).mode == "kind"
    modes = {each.name: each.modes for each in form(carl).maps}
    assert (modes["barn"], modes["court"]) == (("race",), ("race", "hunt"))


def test_quick_play_uses_the_games_option_for_modes() -> None:
    party = Party(game=Rounds())
    assert party.guest("Ann").quick_play("hunt").config.options["kind"] == "hunt"
    party.guest("Bob").create(title="Run")
    state = party.guest("Carl").quick_play("race")
    assert (state.config.title, state.config.options["kind"]) == ("Run", "race")


def test_a_game_without_modes_refuses_a_mode() -> None:
    party = Party(game=Free())
    ann = party.guest("Ann")
    assert form(ann).mode == ""
    ann.create(title="Run", options={"mode": True})
    assert listed(party.guest("Bob")) == {"Run": ""}
    with pytest.raises(RequestError, match="no modes") as refused:
        party.guest("Carl").quick_play("race")
    assert refused.value.code is Code.LOBBY_BAD_OPTIONS
