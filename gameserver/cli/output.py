"""What the commands print: one console for people, plain JSON for machines."""

from rich.console import Console

out = Console()
err = Console(stderr=True)


def fail(sentence: str) -> None:
    """Say in one line what is wrong."""
    err.print(f"[bold red]error:[/] {sentence}", highlight=False, soft_wrap=True)
