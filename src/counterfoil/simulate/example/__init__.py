"""The example: an invented shop of 200 days with planted fates, and the logs of its sessions."""
