"""Microsoft Teams: channels of teams, by Microsoft Graph."""
