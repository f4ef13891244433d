"""What became of lines and changes, by content, over a whole history."""
