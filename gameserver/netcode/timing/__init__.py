"""Clocks, input buffers, link measurement and the client's lead."""
