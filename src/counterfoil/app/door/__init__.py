"""Who is asking: sign-in, sessions, and what a browser may send."""
