"""What can go wrong with a measurement that is not a bug: said in one line, without a traceback."""


class BenchError(Exception):
    """A tool is missing, a server did not start, or the load could not be driven."""
