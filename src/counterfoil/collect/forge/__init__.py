"""What GitHub and GitLab have in common: the events that both tell, and the rows that events come to."""
