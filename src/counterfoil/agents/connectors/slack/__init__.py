"""Slack: channels of a workspace, by the vendor's own client."""
