"""An invented company: people, what a programme makes of them, and what they do week by week, as arrays."""
