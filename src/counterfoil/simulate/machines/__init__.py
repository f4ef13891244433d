"""What lies on the machines of some of an invented company's people, and in their teams' repositories."""
