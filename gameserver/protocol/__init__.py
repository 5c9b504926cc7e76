"""Bytes to messages and back, without I/O and without clocks.

``codec`` encodes and decodes every kind of message, ``hot`` the kinds that are sent every tick;
``shape`` checks and converts the maps inside messages; ``limits`` holds the bounds; ``heartbeat``
is the keep-alive state of one end.
"""
