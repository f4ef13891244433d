"""What a forge would tell of an invented company: changes on their way, deployments, and what broke."""
