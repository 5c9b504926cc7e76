"""Snapshots: what is sent, encoded, decoded and read."""
