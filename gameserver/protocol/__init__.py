"""Bytes to messages and back, without I/O and without clocks.

``codec`` knows every kind, ``hot`` those that come thirty times a second, ``shape`` what is inside
their maps, ``limits`` what is taken; ``heartbeat`` is what a peer needs besides.
"""
