"""Public helpers for tests of games, clients and servers."""
