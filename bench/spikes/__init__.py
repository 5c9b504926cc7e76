"""Trials of possible replacements for parts of the server; the server does not import them."""
