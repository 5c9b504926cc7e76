"""Answers of ``/api/v1`` that are sent compressed.

Law: only what everybody may read is compressed. An answer to a token may hold a secret beside text
that another player chose, and the length of both together would tell of the secret.

Source: RFC 9110, section 12.5.3.
"""

import gzip
import re
from functools import lru_cache
from typing import Final

LEAST_BYTES: Final = 1024
"""A shorter body is not worth the time (docs/performance.md, "Compression")."""

LEVEL: Final = 1

GZIP: Final = (("Content-Encoding", "gzip"),)

_NEVER: Final = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")
"""The weight 0 says that a coding is not taken."""


def takes_gzip(accept_encoding: str) -> bool:
    """Tell whether a client takes gzip, by its ``Accept-Encoding``."""
    for each in accept_encoding.lower().split(",")[:16]:
        coding, _, parameter = each.partition(";")
        if coding.strip() in ("gzip", "x-gzip"):
            return _NEVER.fullmatch(parameter) is None
    return False


@lru_cache(maxsize=64)
def gzipped(body: bytes) -> bytes:
    """Return a body compressed; the last ones are kept, since many ask for the same."""
    return gzip.compress(body, LEVEL, mtime=0)
