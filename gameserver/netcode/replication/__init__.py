"""Snapshots: sections, encoding, decoding, and building entities from them."""
