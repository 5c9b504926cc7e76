"""Parts of a simulated story: players, what happens to them, and what must hold all along."""
