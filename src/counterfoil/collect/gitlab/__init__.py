"""Reads what GitLab's webhooks tell of changes, reviews, pipelines, deployments and incidents."""
