"""Synthesised sounds and when they are played."""
