"""Players over long polling, or over WebSocket beside it, for ``script/bench polling``."""
