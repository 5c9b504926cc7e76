"""Compress messages from standard input with zstd: each by itself, and as one stream a connection.

Input: msgpack objects ``[encoder, connection, message]``. Output: one JSON object with the bytes of
each encoder, ``{"json": {"each": ..., "stream": ...}}``.
"""

import json
import sys

import msgpack
import zstandard

LEVEL = 3

each = zstandard.ZstdCompressor(level=LEVEL, write_content_size=False)
streams = {}
totals = {}
for encoder, connection, message in msgpack.Unpacker(sys.stdin.buffer, max_buffer_size=0):
    total = totals.setdefault(encoder, {"each": 0, "stream": 0})
    total["each"] += len(each.compress(message))
    stream = streams.get((encoder, connection))
    if stream is None:
        stream = streams[encoder, connection] = zstandard.ZstdCompressor(level=LEVEL).compressobj()
    squeezed = stream.compress(message) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    total["stream"] += len(squeezed)
json.dump(totals, sys.stdout)
