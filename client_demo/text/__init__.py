"""Text in all scripts: grapheme clusters, fonts for them, and the order of runs in a line."""
