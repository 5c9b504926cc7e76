"""Sentences made of words from elsewhere."""


def sentence_of(text: str) -> str:
    """Return a text with a capital letter first and a full stop last."""
    ends = text.endswith((".", "!", "?", "…"))
    return text[:1].upper() + text[1:] + ("" if ends or not text else ".")
