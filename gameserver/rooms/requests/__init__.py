"""One handler for each request of the protocol."""
