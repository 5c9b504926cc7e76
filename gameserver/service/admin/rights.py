"""Who may do what: the one table for the console, the REST API and the commands.

Law: an operation names the one right that it needs, and nothing but this table gives rights.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs


class Right(StrEnum):
    """Something that an operation may need."""

    FIGURES = "figures"
    """Read the server's figures."""
    LOOK = "look"
    """Read sessions with their addresses, lobbies with their chat, bans, reports and the audit."""
    MODERATE = "moderate"
    """Kick, ban, mute, rename, close lobbies, settle reports."""
    RUN = "run"
    """Tell all players something; let the server end."""


class Role(StrEnum):
    """What a credential makes of who shows it."""

    READER = "reader"
    """Shows the server's ``stats-token``."""
    OPERATOR = "operator"
    """Shows the server's ``console-secret``, or a cookie that it was exchanged for."""


MAY: Final[Mapping[Role, frozenset[Right]]] = MappingProxyType(
    {Role.READER: frozenset({Right.FIGURES}), Role.OPERATOR: frozenset(Right)}
)
"""The table."""


@attrs.frozen
class Principal:
    """Who asks for an operation."""

    name: str
    """As it is written into the audit log."""
    role: Role
    session: str = attrs.field(default="", repr=False)
    """Key of the console's session; empty for a request with a secret of its own."""

    def may(self, right: Right) -> bool:
        """Tell whether this principal has a right."""
        return right in MAY[self.role]
