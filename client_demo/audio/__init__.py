"""Synthesised sounds, and the code that decides when to play them."""
