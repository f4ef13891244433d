"""Opens the pages on which GitHub lists an organisation's Copilot seats."""

import re
from collections.abc import Iterator
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from counterfoil.terms.error import SourceError

GITHUB = "https://api.github.com"
VERSION = "2022-11-28"
SECONDS = 60
MOST_BYTES, MOST_PAGES = 16 * 1_048_576, 10_000
HERE = {"127.0.0.1", "localhost", "::1"}
NEXT = re.compile(r'<([^<>]*)>\s*;[^<]*\brel="?next"?')


class _Stay(HTTPRedirectHandler):
    """Follows nobody elsewhere: the token is for one address."""

    def redirect_request(self, *_: object) -> None:
        return None


def pages(organisation: str, token: str, *, url: str = GITHUB) -> Iterator[bytes]:
    """Every page of an organisation's seats, as the server sends it.

    Raises: SourceError where the address is not https, the token does not do, or a page can't be had.
    """
    origin = _origin(url)
    if origin[0] != "https" and not (origin[0] == "http" and (urlsplit(url).hostname or "") in HERE):
        hint = "name an https address, such as https://api.github.com"
        raise SourceError("seats-no-https", "a token is sent over https alone", hint=hint)
    where = f"{url.rstrip('/')}/orgs/{quote(organisation, safe='')}/copilot/billing/seats?per_page=100"
    for _ in range(MOST_PAGES):
        content, link = _page(where, token)
        yield content
        follows = NEXT.search(link)
        if follows is None:
            return
        where = urljoin(where, follows[1])
        if _origin(where) != origin:
            raise _unreadable("the list goes on at another address")
    raise _unreadable("the list has no end")


def _page(where: str, token: str) -> tuple[bytes, str]:
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {token}",
        "X-GitHub-Api-Version": VERSION,
        "User-Agent": "counterfoil",
    }
    try:
        with build_opener(_Stay).open(Request(where, headers=headers), timeout=SECONDS) as answer:  # noqa: S310 - the scheme was checked
            content = answer.read(MOST_BYTES + 1)
            link = answer.headers.get("Link") or ""
    except HTTPError as error:
        with error:
            raise _refused(error.code) from None
    except (URLError, HTTPException, OSError, ValueError) as error:
        raise _unreadable("the server can't be reached, or broke off") from error
    if len(content) > MOST_BYTES:
        raise _unreadable("a page is over 16 MB")
    return content, link


def _refused(status: int) -> SourceError:
    hints = {
        401: "the token is not valid any more: make a new one",
        403: "the token needs manage_billing:copilot or read:org; or wait, if it asked too often",
        404: "name an organisation that has Copilot Business or Enterprise, and a token that may see it",
        429: "it was asked too often: wait an hour",
    }
    hint = hints.get(status, "try again later, or look at githubstatus.com")
    return SourceError("seats-refused", f"the server answered {status}", hint=hint)


def _unreadable(says: str) -> SourceError:
    return SourceError("seats-unreadable", says, hint="try again later, or name the server with --url")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
