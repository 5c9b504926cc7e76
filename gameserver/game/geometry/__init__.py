"""Movement against walls, rays and paths on a map."""
