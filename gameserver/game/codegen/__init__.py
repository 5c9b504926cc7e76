"""Generate functions from declared classes, once for each class."""
