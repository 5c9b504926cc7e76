"""Keyboard, mouse and gamepad."""
