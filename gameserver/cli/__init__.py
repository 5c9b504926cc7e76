"""The command line of the program: one module for each command, and what they share."""
