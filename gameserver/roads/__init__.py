"""Roads to the server besides its own protocol: each makes a `Link` of what its clients speak.

Law: a road decides nothing. What its clients say becomes messages of the protocol, and what the
server says becomes theirs; limits, requests and matches are above, the same for all.
"""
