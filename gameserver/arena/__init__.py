"""The game that is shipped: a top-down arena."""
