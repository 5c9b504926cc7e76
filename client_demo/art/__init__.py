"""The pictures of a match, drawn by code into cached surfaces; there are no picture files."""
