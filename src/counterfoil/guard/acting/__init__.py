"""Says whether an agent may do something: yes, not without a person, or no."""
