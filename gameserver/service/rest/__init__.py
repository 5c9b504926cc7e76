"""Plain polling: what the server knows as JSON under ``/api/v1``, and its requests by POST."""
