"""``script/bench floor``: the cost of the kernel alone."""

from bench.commands import peers


def run(*, quick: bool, as_json: bool) -> None:
    """Measure and print."""
    peers.run(("floor",), quick=quick, as_json=as_json, command="floor")
