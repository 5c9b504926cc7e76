"""Resume tokens: a client that sends a session's token owns the session.

Law: a token has 128 random bits and is stored as a hash only. A lost welcome locks no player out:
each resume issues a new token, and the old one stays valid until the new one is first used or
confirmed by an acknowledgement. From then on the old token is unknown (threats 21, 22).

Several new tokens may be unconfirmed at once: a client that gave up waiting tries again with its
old token. The last few of them are all valid for a first use, which ends the others.

Tokens are looked up by hash, so the time of a lookup reveals nothing about a token's bytes.
"""

from hashlib import blake2b
from typing import Final

import attrs

from gameserver.ids import PlayerId

TOKEN_BYTES: Final = 16
ON_THE_WAY: Final = 4
"""Issued and unconfirmed tokens of a session that are valid beside the confirmed one.
When full: the oldest of them ends."""


class TokenDigest(bytes):
    """A token's hash in the place of the token, when recorded calls are replayed.

    No peer can send one: what is decoded from the wire is of the type `bytes`.
    """


def digest(token: bytes) -> bytes:
    """Return a token's hash."""
    if isinstance(token, TokenDigest):
        return bytes(token)
    return blake2b(token, digest_size=32, person=b"resume-token").digest()


@attrs.define
class TokenBook:
    """The valid tokens of all sessions."""

    _owners: dict[bytes, PlayerId] = attrs.field(factory=dict, init=False)
    _rings: dict[PlayerId, list[bytes]] = attrs.field(factory=dict, init=False)
    """Per session: the hash of the confirmed token, then of unconfirmed ones, oldest first."""

    def __len__(self) -> int:
        """Count the valid tokens."""
        return len(self._owners)

    def owners(self) -> set[PlayerId]:
        """Return the sessions that have valid tokens."""
        return set(self._owners.values())

    def issue(self, player_id: PlayerId, token: bytes) -> None:
        """Make a fresh random token valid for a session, in addition to its valid ones."""
        hashed = digest(token)
        ring = self._rings.setdefault(player_id, [])
        ring.append(hashed)
        self._owners[hashed] = player_id
        if len(ring) > 1 + ON_THE_WAY:
            del self._owners[ring.pop(1)]  # never the confirmed one, which is at 0

    def find(self, token: bytes) -> PlayerId | None:
        """Return the session of a valid token without using the token; None if it is unknown."""
        return self._owners.get(digest(token))

    def use(self, token: bytes) -> PlayerId | None:
        """Return the session of a valid token. A first use confirms it and ends all others."""
        hashed = digest(token)
        player_id = self._owners.get(hashed)
        if player_id is not None and self._rings[player_id][0] != hashed:
            self._keep_only(player_id, hashed)
        return player_id

    def confirm(self, player_id: PlayerId) -> None:
        """Note that the newest token has reached the client: all others end."""
        self._keep_only(player_id, self._rings[player_id][-1])

    def forget(self, player_id: PlayerId) -> None:
        """End all tokens of a session."""
        for hashed in self._rings.pop(player_id):
            del self._owners[hashed]

    def _keep_only(self, player_id: PlayerId, kept: bytes) -> None:
        for hashed in self._rings[player_id]:
            if hashed != kept:
                del self._owners[hashed]
        self._rings[player_id] = [kept]
