"""The connection to a server: address, opening, refusals, backoff, simulated conditions."""
