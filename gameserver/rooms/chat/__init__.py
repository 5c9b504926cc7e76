"""Channels, lines, whispers and their history."""
