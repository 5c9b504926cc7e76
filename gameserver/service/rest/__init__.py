"""Plain HTTP: JSON under ``/api/v1``, requests by POST, and the pages of the browser client."""
