"""Fuzzing of a real server: raw bytes at every stage of a connection, on every road.

Law: what is sent follows from the seed and the answers. The server is a process of its own, and an
honest player plays on it all the time; afterwards the process must be the same, and hold what it
held before.
"""
