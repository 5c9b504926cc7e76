"""Trial: the sans-I/O protocol of the `websockets` package below the server's own link."""
