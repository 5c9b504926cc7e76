"""The exception for a measurement that fails without a bug: shown in one line, no traceback."""


class BenchError(Exception):
    """A tool is missing, a server did not start, or the load could not be driven."""
