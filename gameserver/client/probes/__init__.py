"""Probes that measure the ways to reach a server; each speaks one of them by itself."""
