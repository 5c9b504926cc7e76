"""A small immediate-mode widget kit: keyboard, mouse and programs press the same widgets."""
