"""The Python client: connect, send requests, receive updates, and play with prediction (trio)."""

from gameserver.client.client import Client
from gameserver.client.health import Stall, Trouble
from gameserver.client.link.address import Address
from gameserver.client.link.conditions import Conditions
from gameserver.client.namespaces import ClientNamespace
from gameserver.client.opening import open_client
from gameserver.client.play.drawing import Drawn, Frame
from gameserver.client.play.replica import MatchReplica
from gameserver.client.play.telemetry import ReplicaStats
from gameserver.client.replays import fetch_replay
from gameserver.client.settings import ClientSettings
from gameserver.client.status import (
    Closed,
    Connecting,
    EventReceived,
    MatchReady,
    Noticed,
    OfflineCause,
    Online,
    Reconnecting,
    SessionLost,
    Status,
    StatusChanged,
    Update,
    UpdatesMissed,
)
from gameserver.client.updates import Updates
from gameserver.netcode.prediction.optimism import EventPhase

__all__ = [
    "Address",
    "Client",
    "ClientNamespace",
    "ClientSettings",
    "Closed",
    "Conditions",
    "Connecting",
    "Drawn",
    "EventPhase",
    "EventReceived",
    "Frame",
    "MatchReady",
    "MatchReplica",
    "Noticed",
    "OfflineCause",
    "Online",
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
    "fetch_replay",
    "open_client",
]
