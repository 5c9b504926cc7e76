"""One module for each command of ``script/bench``."""
