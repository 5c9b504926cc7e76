"""Write compressed copies beside the built pages of the browser client.

The server sends them as they are, so they are compressed as far as possible, once.
"""

import gzip
import sys
from pathlib import Path
from typing import Final

import zstandard

KINDS: Final = (".css", ".html", ".js", ".svg")


def compress(folder: Path) -> None:
    """Compress all pages, scripts, styles and pictures of a folder, and of those below."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in KINDS:
            data = path.read_bytes()
            small = {
                ".gz": gzip.compress(data, 9, mtime=0),
                ".zst": zstandard.ZstdCompressor(level=19).compress(data),
            }
            for ending, coded in small.items():
                path.with_name(path.name + ending).write_bytes(coded)


if __name__ == "__main__":
    compress(Path(sys.argv[1]))
