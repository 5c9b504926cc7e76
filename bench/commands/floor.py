"""``script/bench floor``: what the kernel alone asks for, with nobody to compare."""

from bench.commands import peers


def run(*, quick: bool, as_json: bool) -> None:
    """Measure and print."""
    peers.run(("floor",), quick=quick, as_json=as_json, command="floor")
