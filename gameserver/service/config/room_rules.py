"""The rules of the rooms that an operator's settings decide."""

from gameserver import __version__
from gameserver.rooms.limits.rules import RoomRules
from gameserver.service.config.settings import Settings


def room_rules(settings: Settings) -> RoomRules:
    """Return the rules of a server with these settings."""
    return RoomRules(
        server=f"{settings.name} (gameserver {__version__})",
        heartbeat_s=settings.heartbeat_s,
        match_grace_s=settings.resume_grace_s,
        spectator_delay_s=settings.spectator_delay_s,
        session_ttl_s=max(120.0, 2 * settings.resume_grace_s),
    )
