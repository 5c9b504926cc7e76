"""What the commands print: one console for people, plain JSON for machines.

Law: text from outside is printed as it is: no markup or emoji name in it has a meaning.
"""

import json

from rich.console import Console
from rich.markup import escape

out = Console(emoji=False)
err = Console(stderr=True, emoji=False)


def fail(sentence: str) -> None:
    """Say in one line what is wrong."""
    err.print(f"[bold red]error:[/] {escape(sentence)}", highlight=False, soft_wrap=True)


def to_json(value: object) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=2)
