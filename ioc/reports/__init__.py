"""Field reports: what a citizen pins on the map, and what becomes of it."""
