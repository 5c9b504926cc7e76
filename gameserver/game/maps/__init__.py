"""Maps: the model, the Tiled format, the wire form."""
