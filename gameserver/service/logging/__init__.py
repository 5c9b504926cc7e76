"""The log: format of lines, writing from a thread, lines of libraries."""
