"""The attacks, by what they abuse."""
