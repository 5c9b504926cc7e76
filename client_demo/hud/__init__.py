"""The display over the field: meters, minimap, kill feed, chat, tables, graphs."""
