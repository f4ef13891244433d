"""Whether a number responds to its target rather than to the work: numbers of cohorts, never a person."""
