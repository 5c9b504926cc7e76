"""Mutation testing: change the product in small ways and see whether its tests fail."""
