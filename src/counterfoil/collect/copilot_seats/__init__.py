"""Reads the Copilot seats of an organisation, as GitHub lists them.

Written against docs.github.com/en/rest/copilot/copilot-user-management, list all Copilot seat assignments for
an organization, API version 2022-11-28, read 2026-11-23.
"""

TOOL = "copilot"
