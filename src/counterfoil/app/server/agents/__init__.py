"""The server's end of the socket to the agents' process, and what pages ask of it."""
