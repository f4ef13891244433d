"""GitHub: deployments, workflows and pull requests."""
