"""The state of sessions, lobbies and chat, which a dump saves and restores."""
