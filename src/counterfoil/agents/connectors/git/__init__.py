"""Deployments by git: an environment is a ref, and moving it is compare-and-swap."""
