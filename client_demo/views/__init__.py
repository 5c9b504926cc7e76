"""What the screens read: frozen views, made from the client and its match."""
