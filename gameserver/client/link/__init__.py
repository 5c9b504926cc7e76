"""From an address to a connection: dialling, refusals, simulated conditions."""
