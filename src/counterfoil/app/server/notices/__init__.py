"""Tells people by mail that an agent waits for their yes, which they then give here and nowhere else."""
