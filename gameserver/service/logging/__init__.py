"""The log: lines, writer, lines of libraries."""
