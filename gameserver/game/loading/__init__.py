"""Finding games and the modules that define them."""
