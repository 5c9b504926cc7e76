"""Limits and times of sessions, lobbies and chat, in one place.

Law: everything that players can create more of has a bound here, on by default, with its unit, its
reason and the number of the threat that it answers ("Threats" in ``docs/lobbies.md``). Limits of
the wire format are elsewhere; those that a welcome announces are copied here by the service.
"""

import attrs

from gameserver.messages.wire import CLIENT_MESSAGE_BYTES, HEARTBEAT_S


@attrs.frozen(kw_only=True)
class RoomRules:
    """All limits and times. Times are in seconds; a limit itself is still allowed.

    A pair ``X_burst`` and ``X_per_s`` is a token bucket or budget: its size, and what it regains
    per second.
    """

    # --- announced in the welcome -----------------------------------------------------------------
    server: str = "gameserver"
    """Name and version of the server."""
    heartbeat_s: float = HEARTBEAT_S
    """Enforced by the service."""
    message_bytes: int = CLIENT_MESSAGE_BYTES
    """Enforced by the protocol."""

    # --- spectators -----------------------------------------------------------------------------
    spectator_delay_s: float = 0.0
    """By how much later spectators are told how a match ends: that is when they see its end."""

    # --- sessions -------------------------------------------------------------------------------
    sessions: int = 10_000
    """Sessions in all, connected or not (27); an idle one takes about 20 KiB."""
    sessions_per_address: int = 500
    """Sessions of one address (27); high, since a school or office shares one address."""
    session_ttl_s: float = 120.0
    """How long a session is kept without a connection (26); longer than any seat's grace time."""
    name_chars: int = 20
    """Longest name; fits the score board (29)."""
    renames_per_s: float = 0.2
    """Name changes of one session (37): each is sent to all members of its lobby."""
    renames_burst: int = 5
    """Name changes of one session at once (37)."""
    requests_per_s: float = 20.0
    """Requests of one session (8): many times more than a person can click."""
    requests_burst: int = 60
    """Requests of one session at once (8): a reconnected client repeats and refreshes."""
    patience_burst: int = 100
    """Requests over the limit before the connection is closed (8)."""
    patience_per_s: float = 1.0
    """Requests over the limit that are forgiven per second (8)."""
    replies: int = 128
    """Unacknowledged answers kept for a session (8); clients acknowledge every second."""
    events: int = 1024
    """Unacknowledged events of a connected session (9). When full: its connection is closed."""
    # A client that acknowledges once a second holds what it was sent in that second: 20 chat lines
    # and two lobby states take 30 KiB at most and 5 KiB usually. 500 sessions of one address then
    # hold at most 16 MiB: 4 MiB of shares, 4 MiB of waiting events while they are disconnected,
    # 4 MiB beyond their shares, and 8 KiB per session for itself and its whispers.
    share_held_bytes: int = 8 * 1024
    """Unacknowledged events and answers that every session may hold (42)."""
    held_bytes: int = 256 * 1024
    """Most bytes that one session may hold (42). When full: its connection is closed."""
    address_held_bytes: int = 4 * 1024 * 1024
    """Bytes from which sessions of one address may hold no more than their shares (42)."""
    whispers_bytes: int = 4 * 1024
    """Whispers kept in a session's history (42); the newest is kept in any case."""
    events_waiting: int = 512
    """Events kept for a session without a connection (9); see `EventStream`."""

    # --- sign-ins and resumes ---------------------------------------------------------------------
    # After a restart of the server, the 200 players of a campus return at the same time: each sends
    # a token that is unknown now and signs in again, some of them twice. A phone between two
    # networks resumes every few seconds. Both are far below these limits.
    sign_ins_burst: int = 400
    """New sessions of one address at once (38)."""
    sign_ins_per_s: float = 5.0
    """New sessions of one address (38): creating sessions must have a cost."""
    returns_burst: int = 400
    """Unknown tokens of one address at once (40). Nobody can guess 128 random bits, so unknown
    tokens do not count as attempts to guess passwords and codes."""
    returns_per_s: float = 10.0
    """Unknown tokens of one address (40)."""
    resumes_burst: int = 10
    """Resumes of one session at once (39)."""
    resumes_per_s: float = 0.5
    """Resumes of one session (39): each sends notices to its lobby and repeats events."""
    address_resumes_burst: int = 400
    """Resumes of all sessions of one address at once (39), such as after a router's restart."""
    address_resumes_per_s: float = 20.0
    """Resumes of all sessions of one address (39)."""

    # --- processor time ---------------------------------------------------------------------------
    # One request takes 0.05 to 0.2 ms. If the 200 players of a campus come at the same time, each
    # with a handshake, a hello and ten requests, they take 0.6 s. In a lobby each of them clicks
    # once in a few seconds, which is 1 % of a processor. A key in debt waits; nothing is refused.
    address_work_share: float = 0.06
    """Share of a processor for one address (37)."""
    address_work_burst_s: float = 1.5
    """Processor seconds of one address at once (37)."""
    connection_work_share: float = 0.02
    """Share of a processor for one connection (37)."""
    connection_work_burst_s: float = 0.25
    """Processor seconds of one connection at once (37): a thousand requests."""

    # --- bytes of answers -------------------------------------------------------------------------
    # Large answers: a lobby form has 6 KB, a full list of lobbies or a full history 47 KB, a map 20
    # to 200 KB. A player who signs in, lists lobbies and enters a match gets 100 to 300 KB; playing
    # earns 10 KB a second. Events and snapshots are not answers and are not counted.
    answer_burst_bytes: int = 1024 * 1024
    """Bytes of answers to one session at once (37)."""
    answer_per_s: float = 1024.0
    """Bytes of answers that a session regains per second (37)."""
    answer_per_received: float = 12.0
    """Bytes of answers that a session regains per byte received from it (37). Together with the
    bytes regained by time and the refusals, a flood gets back less than 20 bytes per byte."""
    address_answer_burst_bytes: int = 8 * 1024 * 1024
    """Bytes of answers to all sessions of one address at once (37): 40 KB for each of 200 players
    who arrive together."""
    address_answer_per_s: float = 16_384.0
    """Bytes of answers that an address regains per second (37)."""
    replay_burst_bytes: int = 512 * 1024
    """Bytes of events repeated after resumes of one session at once (39)."""
    replay_per_s: float = 2048.0
    """Bytes of repeated events that a session regains per second (39)."""

    # --- replays of matches -----------------------------------------------------------------------
    # Ten minutes of eight players take 0.6 MB, an hour of fifty 20 MB. A page has 500 times the
    # bytes of its request, so pages have budgets of their own, which time alone refills.
    page_burst_bytes: int = 8 * 1024 * 1024
    """Bytes of replays to one session at once (37)."""
    page_per_s: float = 65_536.0
    """Bytes of replays that a session regains per second (37)."""
    address_page_burst_bytes: int = 32 * 1024 * 1024
    """Bytes of replays to all sessions of one address at once (37)."""
    address_page_per_s: float = 262_144.0
    """Bytes of replays that an address regains per second (37)."""
    all_page_burst_bytes: int = 128 * 1024 * 1024
    """Bytes of replays to everybody at once (37)."""
    all_page_per_s: float = 2_097_152.0
    """Bytes of replays that all of them regain per second (37): a sixth of 100 Mbit/s."""

    # --- guessing ---------------------------------------------------------------------------------
    attempts_burst: int = 5
    """Wrong passwords or codes of one session at once (23); an honest person mistypes, too."""
    attempts_per_s: float = 0.1
    """Wrong passwords or codes of one session (23)."""
    address_attempts_burst: int = 30
    """Wrong passwords or codes of all sessions of one address at once (23)."""
    address_attempts_per_s: float = 0.5
    """Wrong passwords or codes of all sessions of one address (23)."""
    addresses: int = 20_000
    """Addresses kept in each table of limits by address (27)."""

    # --- lobbies ----------------------------------------------------------------------------------
    lobbies: int = 1000
    """Lobbies in all (27). A session is in one lobby at most, so it cannot hoard lobbies (26)."""
    creates_burst: int = 10
    """Lobbies opened from one address at once (27)."""
    creates_per_s: float = 0.2
    """Lobbies opened from one address (27)."""
    default_size: int = 8
    """Seats of a lobby unless the host chooses, within the bounds of game and map."""
    crowd: int = 32
    """Members above which a lobby is a crowd: its states are sent in batches, and the server writes
    no chat lines about arrivals and departures (27)."""
    wide: int = 64
    """Recipients above which a message is sent to a few sessions at a time, in turn with the other
    work of the loop (38)."""
    shows_burst: int = 20
    """States of one lobby sent at once (38), such as when all join and get ready together."""
    shows_per_s: float = 4.0
    """States of one lobby sent (38); one that changes faster is treated as a crowd. A state goes to
    all members and has a hundred times the bytes of the request that changed it."""
    crowd_show_s: float = 0.5
    """Shortest time between two states of a crowd."""
    crowd_full: int = 250
    """Members above which that time grows in proportion (38): a state has 70 bytes for each member,
    so each of them gets about 35 KB a second, and of a thousand all together 35 MB. A change of
    phase waits for the last change of phase alone."""
    spectators: int = 32
    """Spectators of one lobby (27)."""
    bans: int = 64
    """Bans of one lobby (27). When full: the oldest is lifted."""
    title_chars: int = 40
    """Longest title; fits a row of the lobby browser (29)."""
    password_chars: int = 64
    """Longest password, before it is hashed (23)."""
    listed: int = 200
    """Lobbies in one list (32)."""
    watch_s: float = 0.5
    """Shortest time between two lists sent to watchers (32)."""
    watch_lobbies: int = 20
    """Length of a list that may be sent every `watch_s`; a longer one is sent less often, in
    proportion (32). A hundred lobbies take 20 KiB."""
    watch_filters: int = 4
    """Different filters whose watchers are served at a time (38)."""

    # --- times of a lobby -------------------------------------------------------------------------
    countdown_s: float = 3.0
    """From the start of the countdown to the match."""
    results_s: float = 30.0
    """How long results are shown unless all ask for a rematch."""
    lobby_grace_s: float = 30.0
    """How long a seat is held for a lost connection outside a match (26)."""
    match_grace_s: float = 60.0
    """How long a seat is held for a lost connection in a match (26): enough for a phone that
    changes networks or a router that restarts."""
    host_grace_s: float = 15.0
    """How long a host without a connection stays host while others are connected."""
    quick_alone_s: float = 10.0
    """How long a quick-play lobby waits for a second player if no bots can fill it."""

    # --- load of matches --------------------------------------------------------------------------
    bots_per_address: int = 128
    """The server's bots in all matches started from one address (41): 18 people of one campus may
    each play against seven."""
    host_share: float = 0.15
    """Share of a processor for the matches started from one address (41); more is allowed only
    while all matches together take less than `spare_share`."""
    spare_share: float = 0.4
    """Share of a processor for all matches below which no address is limited by `host_share` (41).
    """
    seat_share: float = 0.0015
    """Estimated share of a processor per seat, until the match has been measured (41)."""

    # --- chat -------------------------------------------------------------------------------------
    chat_chars: int = 300
    """Longest line, after cleaning (28)."""
    chat_history: int = 50
    """Lines kept of each channel."""
    chat_per_s: float = 0.5
    """Lines of one session (28)."""
    chat_burst: int = 6
    """Lines of one session at once (28): enough for a lively conversation."""
    chat_repeat_s: float = 5.0
    """Within this time the same line in the same channel is refused (28)."""
    typing_s: float = 1.0
    """Shortest time between two typing notices of one session in one channel (28)."""
    mutes: int = 200
    """Players whom one player may mute (27). When full: the oldest mute is lifted."""

    # --- the operator -----------------------------------------------------------------------------
    sanctions: int = 5000
    """Bans and mutes by the operator. When full: no further one is taken."""
    audit_entries: int = 4000
    """Acts of operators that are kept. When full: the oldest is dropped; the log has them all."""
    reports: int = 300
    """Reports of players that are kept. When full: the oldest settled one is dropped."""
    reports_burst: int = 5
    """Reports of one address at once (27)."""
    reports_per_s: float = 1 / 60
    """Reports of one address (27)."""
    report_chars: int = 500
    """Longest text of a report."""

    # --- namespaces of authors --------------------------------------------------------------------
    handling: int = 64
    """Events of one session that wait for an author's handlers (8). When full: refused, and may be
    sent again."""
    emits_waiting: int = 256
    """Events that wait for a session without a connection, from which on an emit puts it out of the
    namespace instead (9): an author's chatter must not end the session."""
    rooms_of_member: int = 256
    """Rooms of one session in one namespace (27)."""

    # --- load of a channel, over all senders ------------------------------------------------------
    # Ordinary use: of 100 players in the global chat 12 talk at once and write about 3 lines a
    # second; 8 players in a lobby write less than 2. With 4,000 recipients one line each 2 s is all
    # that a person can read, and all that the loop should spend.
    channel_per_s: float = 2000.0
    """Deliveries of one channel, over all senders (38); a line to 100 players is 100 deliveries."""
    channel_burst: float = 12_000.0
    """Deliveries of one channel at once (38): three lines to 4,000 players."""
    channel_least: int = 100
    """Least number of deliveries that a line counts as (38): 20 lines a second at most, so that a
    recipient who acknowledges once a second does not fall behind."""
    server_lines_per_s: float = 1.0
    """Lines of the server in one lobby about arrivals, departures and name changes (38)."""
    server_lines_burst: int = 32
    """Such lines in one lobby at once (38), such as when all join together."""
    channels: int = 5000
    """Channels kept in each table of limits by channel (27): the global one and all lobbies'."""
    address_chat_per_s: float = 10.0
    """Lines of all sessions of one address, also of successive ones (38): 200 people of one campus
    may each write a line every 20 s."""
    address_chat_burst: int = 120
    """Lines of all sessions of one address at once (38)."""

    def __attrs_post_init__(self) -> None:
        """Check that no seat is held longer than its session.

        Raises:
            ValueError: ``session_ttl_s`` is shorter than a grace time.
        """
        if self.session_ttl_s < max(self.match_grace_s, self.lobby_grace_s):
            raise ValueError("session_ttl_s must be at least as long as the seats' grace times")
