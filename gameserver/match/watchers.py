"""The viewers of one match: added, steered, evicted; spectators see it later, if the match says so.

Law: a spectator costs the match what one more send costs. A delayed spectator is offered the same
messages as the others, in the same order; they wait in a queue, as references to the shared bytes.
"""

from collections import deque
from collections.abc import Mapping
from typing import Final

from gameserver.accel import InputBuffer, hot
from gameserver.game.game import Game
from gameserver.ids import NO_SEAT, PlayerId, Seat, Tick
from gameserver.match.ports import Outlet
from gameserver.match.viewers import Viewer
from gameserver.netcode.timing.steering import LeadSteering, link_rules
from gameserver.protocol.hot import encode_shift, encode_steer

EVICT_EVERY_S: Final = 0.5
"""Seconds between checks for viewers that are hopelessly congested or silent."""


def delay_ticks(delay_s: float, tick_rate: int) -> int:
    """Return by how many ticks spectators see a match later."""
    return round(delay_s * tick_rate)


class DelayedOutlet:
    """Passes messages on some ticks after they were offered, in order.

    When full: it never is; the match pauses a viewer that acknowledges nothing for `PAUSE_S` beyond
    the delay, so the queue holds the delay's snapshots and some more.
    """

    def __init__(self, outlet: Outlet, ticks: int) -> None:
        """Delay what ``outlet`` is offered."""
        self._outlet = outlet
        self._ticks = ticks
        self._now = 0
        self._waiting: deque[tuple[int, bytes]] = deque()

    def __len__(self) -> int:
        """Count the messages that wait."""
        return len(self._waiting)

    def offer(self, message: bytes) -> bool:
        """Take a message; it is always taken."""
        self._waiting.append((self._now + self._ticks, message))
        return True

    def pass_due(self, now: Tick) -> None:
        """Offer what is due at a tick; what is refused is offered again at the next one."""
        self._now = now
        waiting = self._waiting
        while waiting and waiting[0][0] <= now and self._outlet.offer(waiting[0][1]):
            waiting.popleft()


class Watchers:
    """All viewers of one match.

    Attributes:
        viewers: Each viewer by player; others may read it.
        delay: Ticks by which spectators see the match later.
    """

    def __init__(self, game: Game, buffers: Mapping[Seat, InputBuffer], delay_s: float) -> None:
        """Start without viewers; ``buffers`` are those of the match, which changes them."""
        self.viewers: dict[PlayerId, Viewer] = {}
        self.delay: int = delay_ticks(delay_s, game.tick_rate)
        self.evict_every: int = max(1, int(EVICT_EVERY_S * game.tick_rate))
        self._rate = game.tick_rate
        self._link_rules = link_rules(game.tick_rate, game.snapshot_every)
        self._buffers = buffers
        self._delayed: dict[PlayerId, DelayedOutlet] = {}
        self._silent: set[PlayerId] = set()

    def add(self, player_id: PlayerId, seat: Seat, outlet: Outlet, now: Tick) -> None:
        """Start to send snapshots to a player or spectator; the first one is a keyframe."""
        self._delayed.pop(player_id, None)
        delay = self.delay if seat == NO_SEAT else 0
        if delay:
            outlet = self._delayed[player_id] = DelayedOutlet(outlet, delay)
            self._delayed[player_id].pass_due(now)
        self.viewers[player_id] = Viewer(
            player_id,
            seat,
            outlet,
            self._rate,
            seen=now,
            link=hot.link_measure(self._link_rules),
            steering=LeadSteering(self._rate),
            delay=delay,
        )

    def remove(self, player_id: PlayerId) -> None:
        """Stop sending snapshots; removing twice is safe."""
        self.viewers.pop(player_id, None)
        self._delayed.pop(player_id, None)

    def pass_due(self, now: Tick) -> None:
        """Pass on what delayed spectators may see by now."""
        for outlet in self._delayed.values():
            outlet.pass_due(now)

    def fade(self, now: Tick) -> bool:
        """Pass on what is due after the match's end; return whether a spectator still waits.

        Who has been sent everything is removed, and so are all others at the first call.
        """
        for player_id in [who for who in self.viewers if who not in self._delayed]:
            self.remove(player_id)
        self.pass_due(now)
        for player_id in [who for who, outlet in self._delayed.items() if not len(outlet)]:
            self.remove(player_id)
        return bool(self._delayed)

    @property
    def delayed(self) -> bool:
        """Whether a spectator is sent the match later."""
        return bool(self._delayed)

    def shifted(self, tick: Tick, ticks: int) -> None:
        """Tell all viewers that this tick comes so many tick periods later."""
        message = encode_shift(tick, ticks)
        for viewer in self.viewers.values():
            viewer.outlet.offer(message)

    def steer(self, now: Tick) -> None:
        """Correct the leads of players whose inputs come too late, or too early."""
        for viewer in self.viewers.values():
            buffer = self._buffers.get(viewer.seat)
            if buffer is None:
                continue
            if viewer.steering.is_settling(now):
                buffer.forget_margins()
                continue
            link = viewer.link
            margin = buffer.smallest_margin(now)
            change = viewer.steering.correction(now, margin, link.rtt + link.jitter)
            if change and viewer.outlet.offer(encode_steer(now, change)):
                buffer.forget_margins()

    def evict(self, now: Tick) -> tuple[PlayerId, ...]:
        """Remove the viewers that were congested for too long; return them."""
        hopeless = tuple(p for p, viewer in self.viewers.items() if viewer.is_hopeless(now))
        for player_id in hopeless:
            self.remove(player_id)
        return hopeless

    def turned_silent(self, now: Tick) -> dict[PlayerId, bool]:
        """Return whose inputs have stopped (True), or come again, since the last call."""
        silent = {p for p, viewer in self.viewers.items() if viewer.is_silent(now)}
        turned = {player: player in silent for player in sorted(silent ^ self._silent)}
        self._silent = silent
        return turned
