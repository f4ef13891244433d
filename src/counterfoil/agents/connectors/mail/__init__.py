"""Mail of one owner: read without a trace, drafted, arranged, sent, and followed to what became of it."""
