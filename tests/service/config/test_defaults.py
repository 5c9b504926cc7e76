"""Defaults and bounds of all settings: operators and documents rely on them."""

import pytest

from gameserver.messages.wire import HEARTBEAT_S
from gameserver.service.config.settings import (
    Compression,
    Conformance,
    InBounds,
    LogFormat,
    LogLevel,
    ReplayAccess,
    Settings,
)
from gameserver.service.config.values import FIELDS

DEFAULTS = {
    "host": ["127.0.0.1"], "port": 7777, "game": "arena", "maps": "", "name": "gameserver",
    "message": "", "max_connections": 4096, "max_per_address": 256, "max_matches": 512,
    "tls_cert": "", "tls_key": "", "allow_origin": [], "domain": [], "middleware": [],
    "trusted_proxies": 0, "mount": [], "namespaces": [],
    "resume_grace_s": 60.0, "heartbeat_s": HEARTBEAT_S, "stop_after_s": 4.0, "drain_s": 0.0,
    "spectator_delay_s": 0.0,
    "stats_token": "",
    "console_secret": "",
    "console_port": 0,
    "data": "",
    "keep_matches": 1000, "keep_days": 30.0, "replays": ReplayAccess.SEATED,
    "seed": 0, "log_level": LogLevel.INFO, "log_format": LogFormat.PRETTY,
    "compression": Compression.OFF, "conformance": Conformance.OFF,
}  # fmt: skip
BOUNDS = {
    "port": (0, 65535), "max_connections": (1, 100_000), "max_per_address": (1, 100_000),
    "max_matches": (1, 10_000), "resume_grace_s": (1, 3600), "heartbeat_s": (0.5, 60),
    "stop_after_s": (0.5, 600), "drain_s": (0, 86_400),
    "spectator_delay_s": (0, 120),
    "keep_matches": (0, 10_000_000), "keep_days": (0, 36_500),
    "console_port": (0, 65535),
    "seed": (0, 2**53), "trusted_proxies": (0, 16),
}  # fmt: skip
LENGTHS = {
    "host": 261, "game": 4096, "maps": 4096, "name": 64, "message": 500, "tls_cert": 4096,
    "tls_key": 4096, "allow_origin": 300, "domain": 261, "middleware": 300, "mount": 300,
    "namespaces": 300,
    "stats_token": 256, "console_secret": 256, "data": 4096,
}  # fmt: skip


def test_each_setting_has_its_default() -> None:
    settings = Settings()
    assert {name: getattr(settings, name) for name in FIELDS} == DEFAULTS
    assert settings.host is not Settings().host, "a list is made for each"


def test_each_number_has_its_bounds_and_each_text_its_length() -> None:
    validators = {name: field.validator for name, field in FIELDS.items()}
    bounds = {n: (v.lo, v.hi) for n, v in validators.items() if isinstance(v, InBounds)}
    assert bounds == BOUNDS
    lengths = {n: f.metadata["most"] for n, f in FIELDS.items() if "most" in f.metadata}
    assert lengths == LENGTHS


@pytest.mark.parametrize("name", FIELDS)
def test_settings_cannot_be_changed_later(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(Settings(), name, None)
