"""Signing in, resuming, names and tokens."""
