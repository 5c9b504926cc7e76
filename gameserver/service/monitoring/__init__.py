"""Monitoring for operators: statistics, metrics, health checks."""
