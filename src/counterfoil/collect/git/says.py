"""Reads from a commit message what it states about other commits, requests and its own cause."""

import re

from counterfoil.terms.history import Cause, Says

Text = bytes | str

ADAPTIVE_TYPES = frozenset(
    b"build chore ci doc docs feat perf refactor style test tests".split(),
)
"""Types of a conventional commit that state another purpose than correcting.

Source: Conventional Commits 1.0.0 and its common list of types, read 2026-11-23.
"""
CORRECTIVE_TYPES = frozenset(b"fix hotfix revert".split())

_SHA = rb"[0-9a-f]{7,64}\b"
_TYPE = re.compile(rb"([A-Za-z]+)(?:\([^()]*\))?!?:\s+\S")
_REQUEST = re.compile(rb"(?:\s*\([#!](\d{1,18})\))+\s*$")
_MERGED_REQUEST = re.compile(rb"Merge pull request #(\d{1,18}) from (\S*)")
_MERGED_BRANCH = re.compile(rb"Merge (?:remote-tracking )?branch '([^']+)'")
_SEE_REQUEST = re.compile(rb"^See merge request (?:\S*?)!(\d{1,18})\s*$", re.MULTILINE)
_REVERT_SUBJECT = re.compile(rb'Revert "(.+)"$|revert(?:\([^()]*\))?!?:\s+(.+)$', re.DOTALL)
_REAPPLY_SUBJECT = re.compile(rb'Reapply "(.+)"$', re.DOTALL)
_REVERT_BRANCH = re.compile(rb"(?:^|[/:])revert-(\d{1,18})-")
_HOTFIX_BRANCH = re.compile(rb"(?:^|[/:])hot-?fix(?:es)?[/_-]", re.IGNORECASE)
_REVERTS = re.compile(
    rb"^[ \t(]*(?:This )?reverts?\s+(?:commits?\s+(?P<shas>" + _SHA + rb"(?:(?:,|\s|and)+" + _SHA + rb")*)"
    rb"|(?:pull request |merge request )?(?:[\w.-]+/[\w./-]+)?[#!](?P<request>\d{1,18}(?!\d)))",
    re.IGNORECASE | re.MULTILINE,
)
_FIXES_COMMIT = re.compile(rb"^Fixes:?[ \t]+(?:commit[ \t]+)?(" + _SHA + rb")", re.IGNORECASE | re.MULTILINE)
_BUG = re.compile(
    rb"\b(?:fix|fixes|fixed):?\s+(?:(?:[\w.-]+/[\w.-]+)?#\d+|https?://\S+/(?:issues|work_items)/\d+)"
    rb"|^(?:bug|incident|fixes):[ \t]*(?:https?://\S+|#?\d+\b|[A-Z][A-Z0-9]*-\d+\b)",
    re.IGNORECASE | re.MULTILINE,
)
_PART = re.compile(rb"^\* ", re.MULTILINE)
_HINTS = (b"revert", b"fix", b"merge request", b"bug:", b"incident:")


def says_of(subject: Text, body: Text) -> Says:
    """What a message states about other commits; its words themselves are not kept.

    Source: git-revert(1), GitHub and GitLab merge messages, the kernel's `Fixes:` tag, read 2026-11-23.
    Example:
        >>> says_of("Merge pull request #7 from jo/hotfix-login", "Keep the session").cause.value
        'corrective'
    """
    line, rest = _raw(subject).strip(), _raw(body)
    branch = _branch(line)
    title = _title(line, rest) if branch else line
    request = _number(line) or _number(title)
    shas, requests, fixes, bug = _links(line, rest)
    if request is None and b"merge request" in rest.lower():
        seen = _SEE_REQUEST.search(rest)
        request = int(seen[1]) if seen else None
    reverted = _reverted(title)
    if reverted is not None and (inner := _number(reverted)) is not None:
        requests.append(inner)
    if branch and (undone := _REVERT_BRANCH.search(branch)):
        requests.append(int(undone[1]))
    cause = _typed(title)
    if reverted is not None or shas or requests or fixes or bug or (branch and _HOTFIX_BRANCH.search(branch)):
        cause = Cause.CORRECTIVE
    return Says(
        cause=cause,
        reverts=tuple(dict.fromkeys(shas)),
        reverts_requests=tuple(dict.fromkeys(requests)),
        reverts_subject=None if reverted is None else hash(_plain(reverted)),
        fixes=tuple(dict.fromkeys(fixes)),
        request=request,
        subject=hash(_plain(title)),
    )


def _links(line: bytes, body: bytes) -> tuple[list[str], list[int], list[str], bool]:
    """Commits and requests reverted, commits fixed, and whether a bug is named."""
    shas: list[str] = []
    requests: list[int] = []
    fixes: list[str] = []
    lowered = body.lower()
    if any(hint in lowered for hint in _HINTS):
        for found in _REVERTS.finditer(_own_words(line, body)):
            if found["request"]:
                requests.append(int(found["request"]))
            else:
                shas += [name.decode().lower() for name in re.findall(_SHA, found["shas"], re.IGNORECASE)]
        fixes = [name.decode().lower() for name in _FIXES_COMMIT.findall(body)]
    return shas, requests, fixes, _BUG.search(line) is not None or _BUG.search(body) is not None


def _own_words(line: bytes, body: bytes) -> bytes:
    """The body without the messages of squashed commits: what a branch took back itself never landed."""
    part = None if _request(line) is None else _PART.search(body)
    return body[: part.start()] if part else body


def _typed(title: bytes) -> Cause:
    found = _TYPE.match(title)
    kind = found[1].lower() if found else b""
    if kind in CORRECTIVE_TYPES:
        return Cause.CORRECTIVE
    return Cause.ADAPTIVE if kind in ADAPTIVE_TYPES else Cause.UNKNOWN


def _reverted(title: bytes) -> bytes | None:
    """The subject that a title says it reverts; a reapplied one reverts its revert."""
    plain = _plain(title)
    if again := _REAPPLY_SUBJECT.match(plain):
        return b'Revert "' + again[1] + b'"'
    found = _REVERT_SUBJECT.match(plain)
    return (found[1] or found[2]) if found else None


def _branch(line: bytes) -> bytes:
    found = _MERGED_REQUEST.match(line)
    if found:
        return found[2]
    found = _MERGED_BRANCH.match(line)
    return found[1] if found else b""


def _title(line: bytes, body: bytes) -> bytes:
    """A merge's own title, which hosts write below the generated subject."""
    first = next((text for text in map(bytes.strip, body.split(b"\n", 8)) if text), b"")
    return line if not first or first.startswith((b"See merge request", b"#", b"Conflicts:")) else first


def _number(text: bytes) -> int | None:
    """The request that a subject names as its own."""
    merged = _MERGED_REQUEST.match(text)
    return int(merged[1]) if merged else _request(text)


def _request(text: bytes) -> int | None:
    found = _REQUEST.search(text) if _may_end_in_request(text) else None
    return int(found[1]) if found else None


def _plain(text: bytes) -> bytes:
    return (_REQUEST.sub(b"", text) if _may_end_in_request(text) else text).strip()


def _may_end_in_request(text: bytes) -> bool:
    """Spares most subjects the search, which tries every place in them."""
    return text.rstrip().endswith(b")")


def _raw(text: Text) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
