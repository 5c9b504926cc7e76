"""Views: frozen values that screens draw, made from the client and its match."""
