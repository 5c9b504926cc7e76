"""Limits for players: rates of requests, budgets of work and bytes, held memory."""
