"""Game state over a network: residual codec, inputs, prediction, interpolation. No I/O."""
