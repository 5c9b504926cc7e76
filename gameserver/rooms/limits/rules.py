"""Limits and times of the domain of people, in one place.

Law: whatever people can make more of has a bound here, on by default, with its unit, its reason
and the number of the threat it answers ("Threats" in ``docs/lobbies.md``). The wire's own limits
are elsewhere; those that a welcome announces are handed in.
"""

import attrs

from gameserver.messages.wire import CLIENT_MESSAGE_BYTES, HEARTBEAT_S


@attrs.frozen(kw_only=True)
class RoomRules:
    """All limits and times. Seconds are monotonic; counts are inclusive."""

    # --- what the server says of itself -------------------------------------------------------
    server: str = "gameserver"
    """Name and version in the welcome."""
    heartbeat_s: float = HEARTBEAT_S
    """Announced in the welcome; kept by the service."""
    message_bytes: int = CLIENT_MESSAGE_BYTES
    """Announced in the welcome; kept by the protocol."""

    # --- sessions -------------------------------------------------------------------------------
    sessions: int = 10_000
    """Sessions in all, connected or not (27): some 20 KiB each when idle."""
    sessions_per_address: int = 500
    """Sessions from one address (27); high, since schools and offices share one."""
    session_ttl_s: float = 120.0
    """How long a session without a connection is remembered (26); longer than any seat's grace."""
    name_chars: int = 20
    """Longest name; fits the score board (29)."""
    renames_per_s: float = 0.2
    """Steady changes of one session's name (37): a lobby is told each of them."""
    renames_burst: int = 5
    """Changes of name at once (37)."""
    requests_per_s: float = 20.0
    """Steady requests of one session (8): many times what a person can click."""
    requests_burst: int = 60
    """Requests at once (8): a client that reconnects repeats and refreshes."""
    patience_burst: int = 100
    """Requests over the limit until the connection is closed (8)."""
    patience_per_s: float = 1.0
    """How fast that is forgiven."""
    replies: int = 128
    """Unacknowledged replies kept for a session (8); clients acknowledge every second."""
    events: int = 1024
    """Unacknowledged events of a connected session (9), then its connection is closed."""
    # An honest client that acknowledges once a second holds a second of what it is told: 20 lines
    # of chat and two states of its lobby are 30 KiB at their longest, and 5 KiB as they usually
    # are. 500 sessions of one address are 4 MiB of shares, as much again while they are away, 4 MiB
    # beyond that, and 4 KiB each for the session itself and 4 KiB for its whispers: 16 MiB.
    share_held_bytes: int = 8 * 1024
    """Unacknowledged events and answers that any session may hold (42)."""
    held_bytes: int = 256 * 1024
    """The most that one session may hold (42), then its connection is closed."""
    address_held_bytes: int = 4 * 1024 * 1024
    """What all sessions of one address may hold beyond their shares (42)."""
    whispers_bytes: int = 4 * 1024
    """Whispers that a session can read again (42); the newest one in any case."""
    events_waiting: int = 512
    """Events kept for a session without a connection (9); see `EventStream`."""

    # --- coming and coming back -------------------------------------------------------------------
    # After a restart a campus of 200 is back within a moment: each shows one token that is unknown
    # now and signs in anew, some of them twice. A phone between two networks resumes each few
    # seconds. Both stay far below these limits.
    sign_ins_burst: int = 400
    """New sessions of one address at once (38)."""
    sign_ins_per_s: float = 5.0
    """New sessions of one address in the long run (38): a session must not be free."""
    returns_burst: int = 400
    """Unknown tokens of one address at once (40). 128 random bits are not guessed, so those who
    return are not counted among those who guess passwords and codes."""
    returns_per_s: float = 10.0
    """Unknown tokens of one address in the long run (40)."""
    resumes_burst: int = 10
    """Resumes of one session at once (39)."""
    resumes_per_s: float = 0.5
    """Resumes of one session in the long run (39): each tells its lobby, and repeats events."""
    address_resumes_burst: int = 400
    """Resumes of all sessions of one address at once (39): its router was restarted."""
    address_resumes_per_s: float = 20.0
    """Resumes of one address in the long run (39)."""

    # --- what work may cost -----------------------------------------------------------------------
    # One request takes 0.05 to 0.2 ms. A campus of 200 players who come at once, each with a
    # handshake, a hello and ten requests, takes 0.6 s; in a lobby they click once in some seconds,
    # which is 1 % of a processor. Who is in debt waits; nothing is refused.
    address_work_share: float = 0.06
    """Part of a processor for one address in the long run (37)."""
    address_work_burst_s: float = 1.5
    """Processor seconds of one address at once (37)."""
    connection_work_share: float = 0.02
    """Part of a processor for one connection in the long run (37)."""
    connection_work_burst_s: float = 0.25
    """Processor seconds of one connection at once (37): a thousand requests."""

    # Large answers: the form of a lobby 6 KB, a full list of lobbies or a full history 47 KB, a
    # map 20 to 200 KB. Who signs in, looks around and enters a match gets 100 to 300 KB; playing
    # earns 10 KB a second. What the server tells of itself (events, snapshots) is not counted.
    answer_burst_bytes: int = 1024 * 1024
    """Bytes answered to one session at once (37)."""
    answer_per_s: float = 1024.0
    """Bytes a second that a session regains of that (37)."""
    answer_per_received: float = 12.0
    """Bytes that a session regains for each that it sends (37): with what it regains by time, and
    with the refusals, a flood gets less than 20."""
    address_answer_burst_bytes: int = 8 * 1024 * 1024
    """Bytes answered to all sessions of one address at once (37): 200 players who come in and enter
    get 40 KB each."""
    address_answer_per_s: float = 16_384.0
    """Bytes a second that an address regains of that (37)."""
    replay_burst_bytes: int = 512 * 1024
    """Bytes of events repeated for one session's resumes at once (39)."""
    replay_per_s: float = 2048.0
    """Bytes a second that a session regains of that (39)."""

    # --- guessing ---------------------------------------------------------------------------------
    attempts_burst: int = 5
    """Wrong passwords or codes of one session at once (23): typing errors of an honest person."""
    attempts_per_s: float = 0.1
    """How fast further ones are allowed (23)."""
    address_attempts_burst: int = 30
    """The same for all sessions of one address (23)."""
    address_attempts_per_s: float = 0.5
    addresses: int = 20_000
    """Addresses remembered for that (27)."""

    # --- lobbies ----------------------------------------------------------------------------------
    lobbies: int = 1000
    """Lobbies in all (27). One session is in one lobby at most, so it cannot hoard them (26)."""
    creates_burst: int = 10
    """Lobbies opened from one address at once (27)."""
    creates_per_s: float = 0.2
    default_size: int = 8
    """Seats of a lobby where nobody chose, within what game and map allow."""
    crowd: int = 32
    """Members above which a lobby is a crowd: who comes and goes is told in batches, and not in
    words (27)."""
    wide: int = 64
    """Listeners above which a telling is handed out a few at a time, between whatever else the
    loop has to do (38)."""
    shows_burst: int = 20
    """States of one lobby told at once (38): everybody joins and gets ready in the same moment."""
    shows_per_s: float = 4.0
    """The same in the long run (38); a lobby that changes faster is told of as a crowd is. A state
    goes to all members and has a hundred times the bytes of the request that changed it."""
    crowd_show_s: float = 0.5
    """Shortest time between two states of a crowd told to its members."""
    spectators: int = 32
    """Watchers of one lobby (27)."""
    bans: int = 64
    """Bans of one lobby (27); a further one lifts the oldest."""
    title_chars: int = 40
    """Longest title; fits a row of the browser (29)."""
    password_chars: int = 64
    """Longest password, before it is hashed (23)."""
    listed: int = 200
    """Lobbies in one list (32)."""
    watch_s: float = 0.5
    """Shortest time between two lists told to watchers (32)."""
    watch_lobbies: int = 20
    """Lobbies that are told in this time; of more, less often (32): a hundred are 20 KiB."""
    watch_filters: int = 4
    """Different filters whose watchers are told at once (38)."""

    # --- times of a lobby -------------------------------------------------------------------------
    countdown_s: float = 3.0
    """From ready to the match."""
    results_s: float = 30.0
    """How long results stay when nobody asks for a rematch."""
    lobby_grace_s: float = 30.0
    """How long a seat is held for a lost connection outside a match (26)."""
    match_grace_s: float = 60.0
    """The same in a match (26): a phone changing networks, a router starting again."""
    host_grace_s: float = 15.0
    """How long a host who lost the connection stays host while others are there."""
    quick_alone_s: float = 10.0
    """How long a quick-play lobby waits for a second player when no bots can fill it."""

    # --- matches as work --------------------------------------------------------------------------
    bots_per_address: int = 128
    """The server's bots in all matches that one address started (41): 18 people of one campus may
    practise against seven each."""
    host_share: float = 0.15
    """Of one processor, for the matches that one address started (41); beyond it only while all
    matches together take less than `spare_share`."""
    spare_share: float = 0.4
    """Of one processor, for all matches: below it nobody is in anybody's way (41)."""
    seat_share: float = 0.0015
    """What a seat is thought to take of a processor until its match was measured (41)."""

    # --- chat -------------------------------------------------------------------------------------
    chat_chars: int = 300
    """Longest line, after cleaning (28)."""
    chat_history: int = 50
    """Lines kept of each channel."""
    chat_per_s: float = 0.5
    """Steady lines of one session (28)."""
    chat_burst: int = 6
    """Lines at once (28): a lively exchange."""
    chat_repeat_s: float = 5.0
    """Within this time the same line in the same channel is refused (28)."""
    typing_s: float = 1.0
    """Shortest time between two typing marks passed on for one session and channel (28)."""
    mutes: int = 200
    """People one may mute (27); a further one lifts the oldest."""

    # --- what a channel carries, whoever speaks in it ---------------------------------------------
    # An honest evening: 12 people who talk at once in the global chat of 100 say about 3 lines a
    # second, and 8 in a lobby less than 2. With 4,000 listeners a line each 2 s is all that anybody
    # can read, and all that the loop should spend.
    channel_per_s: float = 2000.0
    """Deliveries of one channel a second, by all senders (38): a line to 100 people is 100."""
    channel_burst: float = 12_000.0
    """Deliveries at once (38): three lines to 4,000 people."""
    channel_least: int = 100
    """A line counts as at least this many deliveries (38): 20 lines a second at most, so that a
    listener who acknowledges once a second never falls behind."""
    server_lines_per_s: float = 1.0
    """Lines in which the server itself tells a lobby who came, went or took another name (38)."""
    server_lines_burst: int = 32
    """The same at once (38): everybody joins within a moment."""
    channels: int = 5000
    """Channels remembered for that (27): that of everybody and those of all lobbies."""
    address_chat_per_s: float = 10.0
    """Steady lines of all sessions of one address, also one after the other (38): 200 people of one
    campus say one each 20 s."""
    address_chat_burst: int = 120
    """Lines at once of one address (38)."""

    def __attrs_post_init__(self) -> None:
        """Check that a session outlives the seats held for it."""
        if self.session_ttl_s < max(self.match_grace_s, self.lobby_grace_s):
            raise ValueError("session_ttl_s must be at least as long as the seats' grace times")
