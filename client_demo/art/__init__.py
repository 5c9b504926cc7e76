"""Everything seen in a match, drawn by the project into cached surfaces."""
