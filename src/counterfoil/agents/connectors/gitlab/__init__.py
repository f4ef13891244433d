"""GitLab: pipelines that deploy, and merge requests."""
