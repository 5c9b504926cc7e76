"""Mutation testing: make small changes to the product and check that its tests fail."""
