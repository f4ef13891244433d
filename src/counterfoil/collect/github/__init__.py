"""Reads what GitHub's webhooks tell of changes, reviews, checks, deployments and incidents."""
