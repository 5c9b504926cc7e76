"""Make a function from generated source text.

Law: the text holds names of attributes, numbers and nothing that came from outside.
"""

from typing import Any


def build(name: str, lines: list[str], **names: Any) -> Any:
    """Compile the source of one function and return it."""
    source = "\n".join(lines)
    code = compile(source, f"<generated {name}>", "exec")
    exec(code, names)  # noqa: S102  the text is made of attribute names and integers only
    return names[name]
