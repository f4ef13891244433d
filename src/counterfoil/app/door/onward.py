"""Where somebody goes once they have signed in: to a page of this server, and nowhere else."""

import re
from urllib.parse import quote

HOME = "/"
PAGE = re.compile(r"/(?![/\\])[A-Za-z0-9\-._~/?=&%+,:@]{0,500}")
NOT_BACK = ("/sign-in", "/sign-out", "/enter")


def onward(wanted: str) -> str:
    """The page that was wanted, where it is one of ours.

    Example:
        >>> onward("/units?week=2026-W40"), onward("//elsewhere.example"), onward("https://elsewhere.example")
        ('/units?week=2026-W40', '/', '/')
    """
    return wanted if PAGE.fullmatch(wanted) and not wanted.startswith(NOT_BACK) else HOME


def sign_in_for(path: str, query: str) -> str:
    """Where to sign in first, and then go on."""
    wanted = onward(f"{path}?{query}" if query else path)
    return "/sign-in" if wanted == HOME else f"/sign-in?next={quote(wanted, safe='/')}"
