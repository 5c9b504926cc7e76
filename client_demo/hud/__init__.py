"""What lies over the match: meters, map, feed, tables, graphs."""
