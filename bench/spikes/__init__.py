"""Trials of what might replace a part of the server; nothing imports them."""
