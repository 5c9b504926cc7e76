"""Topics as event streams, without a session: for dashboards, overlays and scripts.

`road` answers ``GET /events``; `subscription` is a reader's place in each of its topics; `topics`
keeps what was said on each topic, once for all readers; `worldview` shows the world of a match as
plain values.

Law: a reader has no queue. It has a place in each of its topics, and takes what stands behind that
place when its connection can take more. So a reader that stops costs its places and one piece of
bytes, and no part of the server that tells something waits for a reader.
"""
