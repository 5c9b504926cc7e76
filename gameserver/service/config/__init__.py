"""Settings, their sources and the checks of their values."""
