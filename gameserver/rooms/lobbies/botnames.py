"""Names for bots: short, friendly, and different from all names in the lobby.

Law: the same entropy gives the same names.
"""

from collections.abc import Container, Iterator
from typing import Final

BOT_NAMES: Final = (
    "Bolt", "Biscuit", "Cobalt", "Dynamo", "Echo", "Fidget", "Gizmo", "Hopper",
    "Ingot", "Jigsaw", "Kettle", "Lumen", "Magnet", "Nimbus", "Otter", "Pixel",
    "Quark", "Rivet", "Sprocket", "Tinker", "Umbra", "Vector", "Widget", "Yonder",
    "Ziggy", "Acorn", "Bramble", "Comet", "Dumpling", "Ember", "Flint", "Gadget",
)  # fmt: skip


def bot_names(entropy: bytes, taken: Container[str]) -> Iterator[str]:
    """Yield names without end; ``entropy`` (two bytes) chooses the first one.

    ``taken`` is read at each step, so that names added to it meanwhile are skipped.
    """
    start = int.from_bytes(entropy, "big")
    count = 0
    while True:
        name = BOT_NAMES[(start + count) % len(BOT_NAMES)]
        lap = count // len(BOT_NAMES)
        count += 1
        shown = f"{name} {lap + 1}" if lap else name
        if shown not in taken:
            yield shown
