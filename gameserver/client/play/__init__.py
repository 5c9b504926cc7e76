"""The match that is being played: replica, drawing, telemetry."""
