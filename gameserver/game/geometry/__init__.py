"""Geometry on a tile map: movement with collisions, rays, and path finding."""
