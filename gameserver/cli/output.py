"""What the commands print: one console for people, plain JSON for machines."""

import json

from rich.console import Console

out = Console()
err = Console(stderr=True)


def fail(sentence: str) -> None:
    """Say in one line what is wrong."""
    err.print(f"[bold red]error:[/] {sentence}", highlight=False, soft_wrap=True)


def to_json(value: object) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=2)
