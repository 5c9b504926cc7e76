"""Maps: the class `TileMap`, loading from Tiled's format, the wire form."""
