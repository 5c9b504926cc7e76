"""Immediate-mode widgets, pressed alike by mouse, keyboard, gamepad and program."""
