"""Fixtures and settings of all tests."""

import signal

from hypothesis import HealthCheck, settings

# Times depend on what else a machine does: an example that takes long, or comes late, is no fault.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

# Programs that tests interrupt inherit an ignored signal, and what a shell starts in the background
# (or with nohup) ignores these. A signal that is handled here has its default in them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)
