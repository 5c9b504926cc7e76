"""What an operator orders, as values: each is one act, written down in the audit log.

Law: an order holds all that its act needs; who orders it, and why, is in the call
(`gameserver.rooms.oversight_calls`).
"""

import attrs

from gameserver.ids import LobbyId, PlayerId
from gameserver.rooms.state.sanctions import SanctionedBy, SanctionKind


@attrs.frozen
class KickOut:
    """Kick: end a player's session; the player may sign in again."""

    player_id: PlayerId


@attrs.frozen
class Impose:
    """Ban or mute, for a time."""

    kind: SanctionKind
    known_by: SanctionedBy
    value: str
    """The player's id, an address or network in shortest form, or a name."""
    seconds: float


@attrs.frozen
class Lift:
    """End a ban or mute before its time."""

    number: int


@attrs.frozen
class GiveName:
    """Rename a player."""

    player_id: PlayerId
    name: str


@attrs.frozen
class CloseLobby:
    """Put everybody out of a lobby."""

    lobby_id: LobbyId


@attrs.frozen
class TellAll:
    """Show all players a text."""

    text: str


@attrs.frozen
class SettleReport:
    """Note that a report was dealt with."""

    number: int


@attrs.frozen
class NoteAct:
    """Write down an act that the service performs, such as a drain."""

    act: str
    details: str = ""


Order = KickOut | Impose | Lift | GiveName | CloseLobby | TellAll | SettleReport | NoteAct
