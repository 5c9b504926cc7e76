"""The domain of people: sessions, lobbies, seats and chat. Pure decisions, no I/O."""
