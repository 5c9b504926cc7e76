"""The seats of a lobby as columns; with teams, one column for each team.

Law: a free seat is shown with the team or bot that the server will give it at the start.
"""

import attrs

from gameserver.ids import NO_SEAT, Seat
from gameserver.messages.lobby import LobbyState, Member, Phase


@attrs.frozen
class SeatPlace:
    """One seat for display."""

    seat: Seat
    """`NO_SEAT` for a spectator."""
    member: Member | None = None
    """None for a free seat."""
    team: int = 0
    bot_comes: bool = False
    """A bot will take the free seat at the start."""


@attrs.frozen
class Column:
    """Places below each other; of one team if the mode has teams, else ``team`` is 0."""

    team: int
    places: tuple[SeatPlace, ...]


def columns_of(lobby: LobbyState) -> tuple[Column, ...]:
    """Return all seats: a column for each team; without teams two columns."""
    places = _places(lobby)
    if not lobby.teams:
        half = max(1, (len(places) + 1) // 2)
        return Column(0, tuple(places[:half])), Column(0, tuple(places[half:]))
    return tuple(
        Column(team, tuple(place for place in places if place.team == team))
        for team in range(1, lobby.teams + 1)
    )


def watchers_of(lobby: LobbyState) -> tuple[SeatPlace, ...]:
    """Return the spectators: the members without a seat."""
    return tuple(SeatPlace(NO_SEAT, m) for m in lobby.members if m.seat == NO_SEAT)


def open_seat(lobby: LobbyState) -> Seat | None:
    """Return a seat that a spectator can take now: a free one, else a bot's; None without."""
    if lobby.phase is Phase.IN_MATCH and not lobby.config.join_in_progress:
        return None
    taken = {m.seat for m in lobby.members}
    free = [seat for seat in range(lobby.config.size) if seat not in taken]
    if free:
        return Seat(free[0])
    people = [m.team for m in lobby.members if not m.bot and m.seat != NO_SEAT]
    bots = [m for m in lobby.members if m.bot]
    best = min(bots, key=lambda bot: (people.count(bot.team), bot.seat), default=None)
    return None if best is None else best.seat


def _places(lobby: LobbyState) -> list[SeatPlace]:
    """Return all seats in order; a free one has the team that gets the next player."""
    seated = {m.seat: m for m in lobby.members if m.seat != NO_SEAT}
    counts = dict.fromkeys(range(1, lobby.teams + 1), 0)
    for member in seated.values():
        if member.team in counts:
            counts[member.team] += 1
    starts = lobby.phase is not Phase.IN_MATCH
    bots = lobby.config.bots if starts else 0
    places = []
    for number in range(lobby.config.size):
        sitting = seated.get(Seat(number))
        if sitting is not None:
            places.append(SeatPlace(Seat(number), sitting, sitting.team))
            continue
        team = min(counts, key=lambda t: (counts[t], t)) if counts else 0
        if team:
            counts[team] += 1
        places.append(SeatPlace(Seat(number), None, team, bot_comes=bots > 0))
        bots -= 1
    return places
