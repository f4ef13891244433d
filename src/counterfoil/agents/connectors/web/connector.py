"""The web as agents have it: one page of one host at a time, asked for without cookies or credentials."""

import re
import ssl
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpcore2

from counterfoil.agents.connectors.connector import Answer, NotDone
from counterfoil.agents.connectors.web.manifest import TOOLS, WEB
from counterfoil.agents.connectors.web.net import Net, Network, Resolve, resolved
from counterfoil.agents.connectors.web.page import page_of, seen
from counterfoil.terms.effect import Effect, EffectFate, Followed
from counterfoil.terms.tool import ConnectorId, Tool

MOST_BYTES = 2_000_000
"""On the line, and again when unpacked."""
MOST_PATH = 2_000
MOST_TEXT = 100_000
MOST_HOPS = 5
HOST = re.compile(
    r"(?=[a-z0-9.-]{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
PORTS: Mapping[str, int] = {"https": 443, "http": 80}
SAFE = "/?&=%:@!$'()*+,;~-._"
TEXTUAL = re.compile(r"text/[a-z0-9.+-]+|application/((xhtml\+)?xml|json|[a-z0-9.-]+\+(json|xml))")
CHARSET = re.compile(
    r"utf-?8|us-ascii|iso-8859-\d{1,2}|windows-125\d|shift_jis|euc-(jp|kr)|gbk?(2312|18030)?|big5"
)
UNSENT = (httpcore2.ConnectError, httpcore2.ConnectTimeout, httpcore2.UnsupportedProtocol)
BROKEN = (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError)
HEADERS: Mapping[bytes | str, bytes | str] = {
    "User-Agent": "counterfoil-agent/1",
    "Accept": "text/html, text/plain, application/json;q=0.9",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
Place = tuple[str, str, str]
"""Scheme, host, and path with its query."""


@dataclass(frozen=True, slots=True)
class Web:
    """The public web."""

    seconds: float = 15.0
    """For everything together: looking up, connecting, redirects, reading."""
    resolve: Resolve = resolved
    allowed: Sequence[Network] = ()
    """Networks that are asked beside the public net; none, other than for tests."""
    ports: Mapping[str, int] = field(default_factory=lambda: PORTS)
    trusted: ssl.SSLContext | None = None

    @property
    def id(self) -> ConnectorId:
        """Its name in grants."""
        return WEB

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The manifest."""
        return TOOLS

    def normal(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """A call's arguments in the form in which they are judged and made: the host as it is looked up.

        Raises: NotDone where it is no address.
        """
        host = arguments.get("host")
        written = {**arguments, "host": _looked_up(host) if isinstance(host, str) else host}
        _place(written)
        return written

    def do(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer:
        """Fetch one page. What was asked has left, also where nothing comes back.

        Raises: NotDone where nothing left.
        """
        if tool not in TOOLS:
            raise NotDone("web-no-tool", "The web has no such tool.", hint="Look at the manifest.")
        place = _place(arguments)
        until = monotonic() + self.seconds
        for hop in range(MOST_HOPS):
            try:
                said = self._asked(place, until)
            except (NotDone, *UNSENT) as e:
                if hop:
                    return _failed(place, "it sent us on to where nobody answers")
                if isinstance(e, NotDone):
                    raise
                why = "The host could not be reached."
                raise NotDone("web-unreachable", why, hint="Try again later.") from None
            except BROKEN as e:
                return _failed(place, f"the line broke ({type(e).__name__})")
            if not isinstance(said, tuple):
                return Answer(said)
            if not _same(place, said):
                return Answer(_told(place) | {"redirect": _told(said)})
            place = said
        return _failed(place, "it sends us on and on")

    def read_back(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer | None:
        """Nothing: a host does not say what it was asked."""
        return None

    def needless(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """Never: a page may be another one the next moment."""
        return ""

    def follow(self, effect: Effect, now: datetime) -> Followed:
        """Nothing was made, so nothing becomes of it."""
        return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now, why="Nothing was made.")

    def _asked(self, place: Place, until: float) -> Mapping[str, Any] | Place:
        """What a host says, or where it sends us."""
        scheme, host, path = place
        net = Net(resolve=self.resolve, allowed=self.allowed, until=until, most=MOST_BYTES + 200_000)
        url = httpcore2.URL(scheme=scheme, host=host, port=self.ports[scheme], target=path)
        context = self.trusted or ssl.create_default_context()
        name = host if self.ports[scheme] == PORTS[scheme] else f"{host}:{self.ports[scheme]}"
        with (
            httpcore2.ConnectionPool(ssl_context=context, network_backend=net) as pool,
            pool.stream("GET", url, headers={"Host": name, **HEADERS}) as response,
        ):
            headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in response.headers}
            if response.status in (301, 302, 303, 307, 308) and headers.get("location"):
                nowhere = {**_told(place), "failed": "it sends us on to no address"}
                return self._onward(place, headers["location"]) or nowhere
            return {**_told(place), "status": response.status, **_words(response, headers, host)}

    def _onward(self, place: Place, location: str) -> Place | None:
        """Where a host sends us, where that is a place that can be asked for at all."""
        scheme, host, path = place
        try:
            parts = urlsplit(urljoin(f"{scheme}://{host}{path}", location))
            if parts.scheme not in PORTS or parts.port not in (None, self.ports[parts.scheme]):
                return None
            query = f"?{parts.query}" if parts.query else ""
            return _place(
                {"scheme": parts.scheme, "host": parts.hostname, "path": (parts.path or "/") + query}
            )
        except (ValueError, NotDone):
            return None


def _place(arguments: Mapping[str, Any]) -> Place:
    """A place that can be asked for: a host's name in small letters, a path with its query, and no more.

    Raises: NotDone for any other.
    """
    scheme, host, path = (
        arguments.get("scheme") or "https",
        arguments.get("host"),
        arguments.get("path") or "/",
    )
    if not isinstance(host, str) or not isinstance(path, str) or not isinstance(scheme, str):
        raise _unfit("It is no address.")
    if scheme not in PORTS:
        raise _unfit("It is no address.")
    name = _looked_up(host)
    try:
        asked = quote(path.partition("#")[0], safe=SAFE)
    except UnicodeError:
        raise _unfit("It has characters that no address has.") from None
    if not HOST.fullmatch(name) or name != host:
        raise _unfit("The host is not written as a name in small letters.")
    if not asked.startswith("/") or len(asked) > MOST_PATH:
        raise _unfit(f"The path does not begin with /, or has more than {MOST_PATH} characters.")
    return str(scheme), name, asked


def _looked_up(host: str) -> str:
    """A host's name as it is looked up: in small letters, of ASCII, without a dot at its end."""
    try:
        return host.lower().rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        raise _unfit("There is no such host.") from None


def _unfit(why: str) -> NotDone:
    return NotDone("web-address", why, hint="Give `host` as example.org, and `path` as /page?query.")


def _same(place: Place, onward: Place) -> bool:
    """Whether a redirect stays with the host that was judged, and is no less secret on the line."""
    return onward[1] == place[1] and onward[0] in (place[0], "https")


def _told(place: Place) -> dict[str, Any]:
    return {"scheme": place[0], "host": place[1], "path": place[2]}


def _failed(place: Place, why: str) -> Answer:
    """It was asked, and nothing came back."""
    return Answer(_told(place) | {"failed": why})


def _words(response: httpcore2.Response, headers: Mapping[str, str], host: str) -> Mapping[str, Any]:
    """The words of an answer, where it has any."""
    kind, _, more = headers.get("content-type", "text/plain").lower().partition(";")
    if not TEXTUAL.fullmatch(kind.strip()):
        return {"failed": "it is not text"}
    content, cut = _unpacked(response, headers.get("content-encoding", "").lower())
    if content is None:
        return {"failed": "it is packed in a way that is not opened"}
    named = re.search(r"charset=[\"']?([a-z0-9_-]{1,20})", more)
    charset = named[1] if named and CHARSET.fullmatch(named[1]) else "utf-8"
    text = content.decode(charset, errors="replace")
    if kind.strip() in ("text/html", "application/xhtml+xml"):
        page = page_of(text, host)
        found = {"title": page.title, "text": page.text, "links": [*page.links], "hidden": page.hidden}
        return {"type": kind.strip(), **found, "cut": cut or page.cut}
    words, hidden = seen(text[:MOST_TEXT])
    more_left = cut or len(text) > MOST_TEXT
    return {"type": kind.strip(), "text": words, "hidden": hidden, "cut": more_left}


def _unpacked(response: httpcore2.Response, packing: str) -> tuple[bytes | None, bool]:
    """The bytes of an answer up to a bound, and whether there were more."""
    if packing not in ("", "identity", "gzip", "x-gzip", "deflate"):
        return None, False
    opener = zlib.decompressobj(47) if packing in ("gzip", "x-gzip", "deflate") else None
    parts, size = [], 0
    for part in response.iter_stream():
        try:
            opened = opener.decompress(part, MOST_BYTES - size + 1) if opener else part
        except zlib.error:
            return None, False
        parts.append(opened)
        size += len(opened)
        if size > MOST_BYTES:
            return b"".join(parts)[:MOST_BYTES], True
    return b"".join(parts), False
