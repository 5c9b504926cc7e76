"""The client runs ahead, reconciles, interpolates and smooths."""
