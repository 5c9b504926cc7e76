"""Clocks, input buffers and how far a client leads."""
