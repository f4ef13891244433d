"""Mail addresses in the one form in which they are judged, compared and written into a message."""

import re
from collections.abc import Iterable, Mapping, Sequence
from email.utils import getaddresses
from typing import Any

import idna

from counterfoil.agents.connectors.connector import NotDone

MOST_RECIPIENTS = 20
FIELDS = ("to", "cc", "bcc")
_NAMED = re.compile(r"[^@<>,;:()\"\\]*<([^<>\s]+)>")
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
MOST_LOCAL, MOST_ADDRESS = 64, 254
MOST_HEADER, MOST_COMMENTS = 8192, 50
"""Of a stranger's header: how long, and how many comments, which may lie in each other."""


def address(raw: str) -> str:
    """One address in small letters, its domain as in the DNS: `Ann <ANN@Bücher.example>` is `ann@xn--…`.

    Quoted local parts, comments, groups, several addresses in one, letters outside ASCII before the `@`, and
    names that pretend to be addresses are refused: what a person sees must be where it goes.
    Raises: NotDone.
    """
    text = raw.strip(" ")
    named = _NAMED.fullmatch(text)
    local, at, domain = (named[1] if named else text).rpartition("@")
    local = local.lower() if local.isascii() else ""
    try:
        host = idna.encode(domain, uts46=True, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        host = ""
    found = f"{local}@{host}"
    if (
        not at
        or not _LOCAL.fullmatch(local)
        or "." not in host
        or len(local) > MOST_LOCAL
        or len(found) > MOST_ADDRESS
    ):
        raise NotDone(
            "mail-address",
            "It is not one plain mail address.",
            hint="Give each as name@example.org, one by one.",
        )
    return found


def recipients(arguments: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Whom each field names, each person once: who is in To is not again in Cc.

    Raises: NotDone.
    """
    seen: set[str] = set()
    found: dict[str, tuple[str, ...]] = {}
    for field in FIELDS:
        value = arguments.get(field) or []
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
            raise NotDone(
                "mail-address", f"{field} is not a list of addresses.", hint="Give a list of texts."
            )
        new = [one for one in dict.fromkeys(address(raw) for raw in listed) if one not in seen]
        seen.update(new)
        found[field] = tuple(new)
    if len(seen) > MOST_RECIPIENTS:
        raise NotDone(
            "mail-too-many", f"It reaches more than {MOST_RECIPIENTS} people.", hint="Let a person send it."
        )
    return found


def addresses_in(headers: Iterable[str]) -> Sequence[str]:
    """The plain addresses that somebody else's header names; what is not one is left out."""
    found: dict[str, None] = {}
    shallow = [header[:MOST_HEADER] for header in headers if header.count("(") <= MOST_COMMENTS]
    for _, raw in getaddresses(shallow):
        try:
            found[address(raw)] = None
        except NotDone:
            continue
    return tuple(found)
