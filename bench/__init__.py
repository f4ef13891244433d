"""Side-by-side measurements with peers; numbers, never tests that can fail for being slow."""
