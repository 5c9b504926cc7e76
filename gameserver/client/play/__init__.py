"""The running match on the client's side: replica, drawing, telemetry."""
