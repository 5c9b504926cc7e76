"""Membership of lobbies, their lifecycle, their configuration, their match."""
