"""Where each part of an argument comes from: the owner's words, a trusted system, or somebody else."""
