"""What the process can carry: meters, detail levels, turns of work."""
