"""Text of every script: which font has a letter, in which order runs stand, where a caret goes."""
