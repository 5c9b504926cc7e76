"""``gameserver bots``: real clients, driven by the game's own bots, for load and for company."""
