"""The systems in which agents work, a folder each."""
