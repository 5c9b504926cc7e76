"""The WebSocket link: frames, lane, reading."""
