"""Functions generated once for each declared class."""
