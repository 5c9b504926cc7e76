"""Socket.IO: stock clients sign in, use lobbies and chat, and play."""
