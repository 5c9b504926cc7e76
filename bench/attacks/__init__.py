"""Attacks on a server of this machine, and their effect on honest players.

Each attack runs in a process of its own, while honest players and their figures are here: so that
the attacker's work is not taken for the server's. See ``docs/attacks.md``.
"""
