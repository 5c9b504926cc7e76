"""Compare a client's state of lobby, match and list of lobbies with the server's.

Law: comparing changes nothing on either side. Messages in flight count as differences, so compare
when everything that was sent has arrived.
"""

from collections.abc import Iterator

import attrs

from gameserver.client.conversation import ClientConversation
from gameserver.messages.lobby import LobbyState
from gameserver.rooms.hall import Hall


def differences(hall: Hall, talk: ClientConversation, now: float) -> Iterator[str]:
    """Yield a sentence for each difference between a client's state and the server's.

    Args:
        hall: The server's rooms.
        talk: The client's side of a session that the server knows.
        now: Seconds of the hall's clock.
    """
    believed = talk.state
    state = hall.parts.state
    session = state.sessions.get(talk.session.player_id)
    if session is None:
        yield f"the server has no session {talk.session.player_id!r}"
        return
    if believed.player_name != session.name:
        yield f"its name is {session.name!r}, it believes {believed.player_name!r}"
    place = state.place_of(session)
    lobby, occupant = place or (None, None)
    shown = lobby.state(now, for_host=lobby.host == session.player_id) if lobby else None
    yield from _of_lobby(believed.lobby, shown)
    match_id = lobby.match.match_id if lobby is not None and lobby.match is not None else None
    if talk.matches.match_id != match_id:
        yield f"its match is {match_id}, it believes {talk.matches.match_id}"
    if talk.matches.away and (occupant is None or not occupant.stepped_out):
        yield "it looks away from a match that it plays in"
    if session.watching is not None:
        told = set(believed.lobby_list.lobbies) if believed.lobby_list else None
        if told != set(hall.parts.directory.listing(session.watching).lobbies):
            yield "the list of lobbies is another than the one it watches"


def _of_lobby(believed: LobbyState | None, shown: LobbyState | None) -> Iterator[str]:
    if believed is None or shown is None:
        if believed is not shown:
            here, there = (each and each.lobby_id for each in (believed, shown))
            yield f"its lobby is {there}, it believes {here}"
        return
    # The countdown is sent only when it begins, and its present value changes all the time.
    ours, theirs = (attrs.evolve(each, countdown_s=None) for each in (believed, shown))
    for field in attrs.fields(LobbyState):
        here, there = getattr(ours, field.name), getattr(theirs, field.name)
        if here != there:
            yield f"{field.name} of its lobby is {there}, it believes {here}"
