"""What numbers may be used for, as a closed list, and what they may never be."""

ALLOWED = {
    "value_reporting",
    "enablement",
    "capacity_planning",
    "cost_control",
    "own_insight",
    "security_incident",
}
ABOUT_REVIEWS = {
    "performance_review",
    "compensation",
    "promotion",
    "discipline",
    "termination",
    "ranking",
}
"""Refused about a person, whatever a programme says."""
ABOUT_JOBS = {"workforce_reduction", "replacement"}
"""Refused below the company, whatever a programme says."""
KNOWN = ALLOWED | ABOUT_REVIEWS | ABOUT_JOBS
