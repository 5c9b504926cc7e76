"""The Python client: connect, send requests, receive updates, and play with prediction (trio)."""

from gameserver.client.client import Client, open_client
from gameserver.client.health import Stall, Trouble
from gameserver.client.link.address import Address
from gameserver.client.link.conditions import Conditions
from gameserver.client.play.drawing import Drawn, Frame
from gameserver.client.play.replica import MatchReplica
from gameserver.client.play.telemetry import ReplicaStats
from gameserver.client.settings import ClientSettings
from gameserver.client.status import (
    Cause,
    Closed,
    Connecting,
    Happened,
    MatchReady,
    Noticed,
    Online,
    Reconnecting,
    SessionLost,
    Status,
    StatusChanged,
    Update,
    UpdatesMissed,
)
from gameserver.client.updates import Updates
from gameserver.netcode.prediction.optimism import Phase

__all__ = [
    "Address",
    "Cause",
    "Client",
    "ClientSettings",
    "Closed",
    "Conditions",
    "Connecting",
    "Drawn",
    "Frame",
    "Happened",
    "MatchReady",
    "MatchReplica",
    "Noticed",
    "Online",
    "Phase",
    "Reconnecting",
    "ReplicaStats",
    "SessionLost",
    "Stall",
    "Status",
    "StatusChanged",
    "Trouble",
    "Update",
    "Updates",
    "UpdatesMissed",
    "open_client",
]
