"""All state of the people: what is saved and restored."""
