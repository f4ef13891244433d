"""Reads from a commit's people and trailers which tools claim a hand in it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import SessionId
from counterfoil.terms.mark import Evidence, Mark

Text = bytes | str
NO_SESSION = Unknown("the commit names no session")
OTHER_TOOL = "other"
"""An agent we have no name for; free text of a message is never kept."""
_HUB = r"@users\.noreply\.github\.com"

AGENTS = {
    "claude-code": rf"noreply@anthropic\.com|\d+\+claude\[bot\]{_HUB}",
    "copilot": rf"198982749\+copilot{_HUB}|223556219\+copilot{_HUB}",
    "codex": rf"noreply@openai\.com|codex@openai\.com|267193182\+codex{_HUB}"
    rf"|199175422\+chatgpt-codex-connector\[bot\]{_HUB}",
    "cursor": rf"cursoragent@cursor\.com|206951365\+cursor\[bot\]{_HUB}",
    "gemini-cli": rf"218195315\+gemini-cli{_HUB}",
    "jules": rf"\d+\+google-labs-jules\[bot\]{_HUB}",
    "aider": r"aider@aider\.chat|noreply@aider\.(?:chat|dev)",
    "devin": rf"158243242\+devin-ai-integration\[bot\]{_HUB}",
    "amp": r"amp@ampcode\.com",
    "opencode": r"noreply@opencode\.ai",
    "openhands": r"openhands@all-hands\.dev",
    "droid": rf"droid@factory\.ai|\d+\+factory-droid\[bot\]{_HUB}",
    "kiro": rf"244629292\+kiro-agent{_HUB}",
    "crush": r"crush@charm\.land",
    "continue": r"noreply@continue\.dev",
    "qwen-code": r"qwen-coder@alibabacloud\.com",
    "firebender": r"help@firebender\.com",
}
"""Addresses that only an agent signs with. A vendor's domain alone is a person.

Source: the tools' own commits and documentation, read 2026-11-23.
"""
ASSISTANTS = {
    "copilot": rf"175728472\+copilot{_HUB}|copilot@github\.com",
    "gemini-code-assist": rf"\d+\+gemini-code-assist\[bot\]{_HUB}",
}
"""Addresses that claim a suggestion at most.

`copilot@github.com` is Visual Studio Code's trailer, which for weeks in 2026 was added by default and
with AI switched off (microsoft/vscode #310226, #313931, #314311).
"""
ASSISTED_BY = {
    "claude-code": r"claude (?:code|opus|sonnet|haiku|[\d.]+)\b|claude-[a-z0-9]",
    "copilot": r"(?:github )?copilot\b",
    "codex": r"(?:openai )?codex\b|chatgpt\b|gpt-[\d.]+",
    "cursor": r"cursor\b",
    "gemini-cli": r"(?:google )?gemini(?: cli| code assist|[ -][\d.]+|$)",
    "aider": r"aider\b",
    "devin": r"devin ai\b",
    "opencode": r"opencode\b",
}
"""Names of tools that no person bears, as they follow `Assisted-by:`."""

_TRAILERS = {
    "claude-session": ("claude-code", re.compile(r"https://claude\.ai/code/(session_\w+)")),
    "copilot-session": ("copilot", re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$", re.I)),
    "agent-logs-url": ("copilot", re.compile(r"https://github\.com/[^/\s]+/[^/\s]+/sessions/([\w-]+)")),
    "amp-thread-id": ("amp", re.compile(r"(?:https://ampcode\.com/threads/)?(T-[\w-]+)$")),
    "entire-checkpoint": ("entire", re.compile(r"([0-9a-f]{12})$")),
    "made-with": ("cursor", re.compile(r"cursor()$", re.I)),
    "replit-commit-author": ("replit", re.compile(r"agent()$", re.I)),
}
"""Trailer: the tool that writes it, and its value with the session in the group."""

_TOOL_BY_AGENT = {tool: tool for tool in (*AGENTS, *ASSISTANTS)} | {
    "claude": "claude-code",
    "claude_code": "claude-code",
    "gemini": "gemini-cli",
    "github-copilot": "copilot",
    "qwen": "qwen-code",
}
"""What agents call themselves before the colon of `AGENT:MODEL`."""


class _Table:
    """Rows of (pattern, meaning) tried as one expression."""

    def __init__(self, rows: Iterable[tuple[str, tuple[str, Evidence]]]) -> None:
        patterns, self._meanings = zip(*rows, strict=True)
        self._pattern = re.compile("|".join(f"({p})" for p in patterns), re.IGNORECASE)

    def whole(self, text: str) -> tuple[str, Evidence] | None:
        """What the whole text means."""
        return self._meaning(self._pattern.fullmatch(text))

    def start(self, text: str) -> tuple[str, Evidence] | None:
        """What the text begins with."""
        return self._meaning(self._pattern.match(text))

    def _meaning(self, found: re.Match[str] | None) -> tuple[str, Evidence] | None:
        return self._meanings[found.lastindex - 1] if found and found.lastindex else None


_ADDRESSES = _Table(
    [(p, (tool, Evidence.AGENT)) for tool, p in AGENTS.items()]
    + [(p, (tool, Evidence.ASSIST)) for tool, p in ASSISTANTS.items()]
)
_ASSISTED = _Table((p, (tool, Evidence.ASSIST)) for tool, p in ASSISTED_BY.items())
_PERSON = re.compile(r"(?P<name>[^<]*)<\s*(?P<email>[^<>\s]+)\s*>")
_AGENT_AND_MODEL = re.compile(r"([A-Za-z][\w.+-]*):(?!//)[^\s@]+(?:\s|$)")
_KEYS = "|".join(("co-authored-by", "assisted-by", "generated-by", *_TRAILERS))
_LINE = re.compile(
    rf"^(?:(?P<key>{_KEYS})[ \t]*:[ \t]*(?P<value>[^\r\n]+)"
    r"|(?:\xf0\x9f\xa4\x96 )?(?P<footer>generated with \[claude code\]\())".encode("latin-1"),
    re.IGNORECASE | re.MULTILINE,
)
"""Trailers stand at the start of a line, wherever in the body; the robot before the footer is UTF-8."""
_HINTS = (
    b"-by",
    b"-session",
    b"made-with",
    b"generated with [",
    b"thread-id",
    b"checkpoint",
    b"logs-url",
    b"commit-author",
)
_SQUASHED = re.compile(rb"^(?:-{9}\r?$|Squashed commit of the following:)", re.MULTILINE)
"""What GitHub and `git merge --squash` put into the message of several commits made one."""


class _Claim(NamedTuple):
    tool: str
    evidence: Evidence
    kind: str
    session: str = ""


def marks_of(
    author_name: Text, author_email: Text, committer_name: Text, committer_email: Text, body: Text
) -> tuple[Mark, ...]:
    """Every tool that claims a hand in a commit, strongest first; the subject is never read.

    Source: git trailers as each tool writes them, read 2026-11-23; docs/methods/evidence.md has the table.
    Example:
        >>> marks_of("Jo", "jo@example.org", "Jo", "jo@example.org", "Made-with: Cursor")[0].tool
        'cursor'
    """
    people = _people_claims(author_name, author_email, committer_name, committer_email)
    raw = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    lowered = raw.lower()
    for hint in _HINTS:
        if hint in lowered:
            claims = (*people, *_body_claims(raw))
            return _merged(claims, squashed=_SQUASHED.search(raw) is not None) if claims else ()
    return _merged(people, squashed=False) if people else ()


@lru_cache(maxsize=4096)
def _people_claims(
    author_name: Text, author_email: Text, committer_name: Text, committer_email: Text
) -> tuple[_Claim, ...]:
    author = _signed(_words(author_name), _words(author_email), most=Evidence.AGENT, kind="signed")
    if author is not None:
        return (author,)
    committer = _signed(_words(committer_name), _words(committer_email), most=Evidence.AGENT, kind="signed")
    if committer is None:
        return ()
    if committer.tool == "aider":
        # aider commits a person's own changed files in this way before it begins its work
        return (committer._replace(evidence=Evidence.ASSIST),)
    return (committer,)


def _signed(name: str, email: str, *, most: Evidence, kind: str) -> _Claim | None:
    if name.endswith("(aider)") and most >= Evidence.MARKED:
        return _Claim("aider", most, kind)
    meaning = _ADDRESSES.whole(email)
    return _Claim(meaning[0], min(meaning[1], most), kind) if meaning else None


def _body_claims(body: bytes) -> Iterator[_Claim]:
    for found in _LINE.finditer(body):
        if found["footer"]:
            yield _Claim("claude-code", Evidence.MARKED, "footer")
            continue
        key, value = found["key"].decode().lower(), _words(found["value"])
        claim = _trailer_claim(key, value) if key in _TRAILERS else _person_claim(key, value)
        if claim is not None:
            yield claim


def _trailer_claim(key: str, value: str) -> _Claim | None:
    tool, pattern = _TRAILERS[key]
    matched = pattern.match(value)
    return None if matched is None else _Claim(tool, Evidence.MARKED, key, matched[1])


def _person_claim(key: str, value: str) -> _Claim | None:
    most = Evidence.MARKED if key == "co-authored-by" else Evidence.ASSIST
    person = _PERSON.match(value)
    if person is not None:
        name = person["name"].strip()
        if name == "Copilot Autofix powered by AI":
            return _Claim("copilot", Evidence.ASSIST, key)
        return _signed(name, person["email"], most=most, kind=key)
    if most is Evidence.MARKED:
        return None
    meaning = _ASSISTED.start(value)
    if meaning is not None:
        return _Claim(*meaning, key)
    agent = _AGENT_AND_MODEL.match(value)
    return _Claim(_TOOL_BY_AGENT.get(agent[1].lower(), OTHER_TOOL), most, key) if agent else None


def _merged(claims: tuple[_Claim, ...], *, squashed: bool) -> tuple[Mark, ...]:
    """One mark per tool and session; several agents, or one several times, prove only some of the commit.

    Who signed a commit as author or committer has a hand in all of it.
    """
    agents = {c.tool for c in claims if c.evidence >= Evidence.MARKED and c.tool != "entire"}
    repeated = any(n > 1 for n in Counter((c.tool, c.kind) for c in claims).values())
    partly = squashed or repeated or len(agents) > 1
    marks = [
        mark
        for tool in dict.fromkeys(c.tool for c in claims)
        for mark in _marks(tool, [c for c in claims if c.tool == tool], partly=partly)
    ]
    return tuple(sorted(marks, key=lambda m: -m.evidence))


def _marks(tool: str, claims: Sequence[_Claim], *, partly: bool) -> Iterator[Mark]:
    evidence = max(c.evidence for c in claims)
    whole = evidence >= Evidence.AGENT or (evidence >= Evidence.MARKED and not partly)
    sessions = dict.fromkeys(SessionId(c.session) for c in claims if c.session)
    for session in sessions or (NO_SESSION,):
        yield Mark(evidence=evidence, tool=tool, session=session, whole=whole)


def _words(text: Text) -> str:
    return (text.decode("utf-8", "replace") if isinstance(text, bytes) else text).strip()
