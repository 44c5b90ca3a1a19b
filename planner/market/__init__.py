"""What the world does: the asset universe, its history, and assumptions about its future."""
