"""Values of a story: what may happen in it, and its result."""

import attrs

MOST_FAULTS = 20
"""Faults that a report keeps; more of them tell nothing new."""


@attrs.frozen
class Troubles:
    """Troubles of the network and of the machine: mean seconds between two of a kind, 0 for never.

    Attributes:
        cuts: A connection breaks; both ends get an error.
        half_opens: A connection breaks, and only one end learns of it.
        stalls: Nothing arrives on a connection for a time.
        slow_readers: A client does not read for a time.
        weathers: Delay, jitter and splitting of pieces change for all connections.
        refusals: No new connection can be made for a time.
        blocks: A middlebox lets no WebSocket pass for a time, so that clients take other roads.
        clock_jumps: The wall clock of the server's machine jumps.
        full_disks: The disk refuses for a time, if the server saves what it has.
        slow_disks: Nothing is written for a time, if the server saves what it has.
        crashes: The server ends without a word, if it saves what it has, and starts again.
    """

    cuts: float = 6.0
    stalls: float = 5.0
    slow_readers: float = 7.0
    weathers: float = 4.0
    longest_stall_s: float = 3.0
    worst_delay_s: float = 0.3
    most_split: float = 0.3
    """Largest part of the pieces, 0..1, that arrive split in two."""
    half_opens: float = 12.0
    refusals: float = 15.0
    blocks: float = 8.0
    clock_jumps: float = 10.0
    full_disks: float = 30.0
    slow_disks: float = 8.0
    crashes: float = 10.0


NO_TROUBLES = Troubles(
    cuts=0,
    stalls=0,
    slow_readers=0,
    weathers=0,
    half_opens=0,
    refusals=0,
    blocks=0,
    clock_jumps=0,
    full_disks=0,
    slow_disks=0,
    crashes=0,
)


@attrs.frozen
class Cast:
    """Who takes part besides the players that bots play, and what the players do besides playing.

    Attributes:
        deeds_s: Mean seconds between two deeds of a player, such as to rename or to kick; 0 for
            none. With it players also leave and come back, and take other roads than WebSockets.
        guests: Most people on roads without the SDK: Socket.IO, and server-sent events with POSTs.
        strangers_s: Mean seconds between two peers that send what no client sends; 0 for none.
        saves: Part of the stories, 0..1, in which the server saves what it has, and is restarted.
    """

    deeds_s: float = 4.0
    guests: int = 1
    strangers_s: float = 5.0
    saves: float = 0.5


ALONE = Cast(deeds_s=0.0, guests=0, strangers_s=0.0, saves=0.0)
"""Players who only play and chat."""


@attrs.define
class Report:
    """The result of a simulation."""

    seed: int
    players: int
    virtual_s: float = 0.0
    cuts: int = 0
    half_opens: int = 0
    stalls: int = 0
    slow_readers: int = 0
    refusals: int = 0
    blocks: int = 0
    clock_jumps: int = 0
    full_disks: int = 0
    slow_disks: int = 0
    crashes: int = 0
    torn: int = 0
    """Journals that crashes have cut off."""
    journals: int = 0
    """Journals that were replayed at the end."""
    reconnects: int = 0
    crossings: int = 0
    """Moves of sessions from one road to another without a lost connection."""
    sessions: int = 0
    """Sessions that were signed in."""
    deeds: int = 0
    strangers: int = 0
    matches: int = 0
    """Matches that ended with results."""
    lines: int = 0
    """Lines of the global chat that clients received."""
    messages: int = 0
    """Pieces that arrived over the network."""
    checks: int = 0
    """Checks of the server's invariants."""
    trace: str = ""
    """Digest of all pieces with their times, and of all calls into the hall."""
    faults: list[str] = attrs.field(factory=list)
    """Expectations that did not hold; empty if all did."""

    def fault(self, sentence: str) -> None:
        """Note an expectation that did not hold, once."""
        if sentence not in self.faults and len(self.faults) < MOST_FAULTS:
            self.faults.append(sentence)
