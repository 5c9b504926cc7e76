"""Find games by name, and import the modules that define them."""
