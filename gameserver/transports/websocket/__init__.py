"""The WebSocket link: frames, lane, outbox."""
