"""What the spend became: fates joined with sessions, money and work side by side."""
