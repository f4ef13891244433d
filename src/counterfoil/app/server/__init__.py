"""The organisation's server: what comes in, what is asked, and what is shown."""
