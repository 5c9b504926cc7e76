"""The clipboard, if the platform has one."""

import pygame


def copied_words(text: str) -> str:
    """Copy a text to the clipboard; return a sentence for the player."""
    try:
        pygame.scrap.put_text(text)
    except pygame.error:
        return f"This computer has no clipboard. The text is {text}."
    return f"Copied: {text}"
