"""Small complete games that show what a game author writes."""
