"""The agents of an invented company, on a mail server and repositories that are gone with it."""
