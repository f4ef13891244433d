"""The formats in which real tools and git keep what happened, written from invented nouns."""
