"""Long polling: whole messages in both directions over plain HTTP requests."""
