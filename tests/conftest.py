"""Fixtures and settings of all tests."""

from hypothesis import HealthCheck, settings

# Times depend on what else a machine does: an example that takes long, or comes late, is no fault.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
