"""Sessions, lobbies and chat on disk: a log of calls into the hall, and dumps that shorten it.

Law: what a player was told is on disk. The hall is a pure function of its calls, so the newest dump
and the calls behind it lead to the same state, whatever moment ended the process.
"""
