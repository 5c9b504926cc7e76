"""The attacks, one module for each abused part of the server."""
