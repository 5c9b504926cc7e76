"""What outlives the process: the journals of matches.

A match is a pure function of seed, map, options and what its seats did. So a journal of these, a
few bytes for each seat and tick, gives back every moment of the match.
"""
