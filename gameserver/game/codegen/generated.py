"""Compile a function from generated source text.

Law: the text is made of attribute names and numbers only; nothing in it comes from outside.
"""

from typing import Any


def build(name: str, lines: list[str], **names: Any) -> Any:
    """Compile the lines of one function and return it; ``names`` are its globals."""
    source = "\n".join(lines)
    code = compile(source, f"<generated {name}>", "exec")
    exec(code, names)  # noqa: S102  the text is made of attribute names and integers only
    return names[name]
