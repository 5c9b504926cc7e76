"""Benchmarks: this server, the kernel alone ("the floor"), and other servers ("peers").

Law: every figure comes from one run on one machine, with the server alone on one core and the load
on another, and is told as a ratio to the floor of the same run. What is measured starts as its own
process, is ended by the one who started it, and never outlives a command.
"""
