"""Resume tokens: who shows one is the session it belongs to.

Law: a token has 128 random bits, is stored as a hash only, and a lost welcome locks nobody out.
Each resume issues a new one. The one before stays valid until the new one is first used or
confirmed by an acknowledgement; from then on it is unknown, whoever shows it (threats 21, 22).

Several can be on their way at once: a client that gave up waiting tries again with its old one.
The last few of them are all good for a first use, and the first one that is used ends the others.

Tokens are looked up by hash, so how long a lookup takes tells nothing about a token's bytes.
"""

from hashlib import blake2b
from typing import Final

import attrs

from gameserver.ids import PlayerId

TOKEN_BYTES: Final = 16
ON_THE_WAY: Final = 4
"""Issued and unconfirmed tokens of a session that are valid beside the confirmed one.
When full: the oldest of them ends."""


def _digest(token: bytes) -> bytes:
    return blake2b(token, digest_size=32, person=b"resume-token").digest()


@attrs.define
class TokenBook:
    """The valid tokens of all sessions."""

    _owners: dict[bytes, PlayerId] = attrs.field(factory=dict, init=False)
    _rings: dict[PlayerId, list[bytes]] = attrs.field(factory=dict, init=False)
    """Per session: the confirmed one, then those on their way, oldest first."""

    def __len__(self) -> int:
        """Count the valid tokens."""
        return len(self._owners)

    def owners(self) -> set[PlayerId]:
        """Return the sessions that have valid tokens."""
        return set(self._owners.values())

    def issue(self, player_id: PlayerId, token: bytes) -> None:
        """Make a fresh random token valid for a session, beside what is valid already."""
        digest = _digest(token)
        ring = self._rings.setdefault(player_id, [])
        ring.append(digest)
        self._owners[digest] = player_id
        if len(ring) > 1 + ON_THE_WAY:
            del self._owners[ring.pop(1)]

    def find(self, token: bytes) -> PlayerId | None:
        """Return whose token this is, if valid, without using it."""
        return self._owners.get(_digest(token))

    def use(self, token: bytes) -> PlayerId | None:
        """Return whose token this is, if valid. A first use confirms it and ends all others."""
        digest = _digest(token)
        player_id = self._owners.get(digest)
        if player_id is not None and self._rings[player_id][0] != digest:
            self._keep_only(player_id, digest)
        return player_id

    def confirm(self, player_id: PlayerId) -> None:
        """Note that the newest token arrived: all others end."""
        self._keep_only(player_id, self._rings[player_id][-1])

    def forget(self, player_id: PlayerId) -> None:
        """End all tokens of a session."""
        for digest in self._rings.pop(player_id):
            del self._owners[digest]

    def _keep_only(self, player_id: PlayerId, kept: bytes) -> None:
        for digest in self._rings[player_id]:
            if digest != kept:
                del self._owners[digest]
        self._rings[player_id] = [kept]
