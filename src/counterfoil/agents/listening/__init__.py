"""Listens for what comes from outside and sets agents off: mail, mentions and webhooks."""
