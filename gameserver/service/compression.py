"""Which answers may be compressed.

Law: only those that hold nothing but public values. A message with a secret (a token, an invite
code, a whisper) beside text that another player chose would tell of the secret by its length, also
through TLS.
"""

from typing import Final

from gameserver.messages.base import Request
from gameserver.messages.lobby import ListLobbies, WatchLobbies
from gameserver.messages.match import GetMap

PUBLIC_ANSWERS: Final[frozenset[type[Request]]] = frozenset({GetMap, ListLobbies, WatchLobbies})
"""Requests whose answers are large and public."""
