"""The shell around the pure parts: tasks, clocks, sockets, settings and files."""
