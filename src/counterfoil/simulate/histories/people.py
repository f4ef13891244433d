"""The invented people, agents and marks of the example; nobody here exists."""

from dataclasses import dataclass

from counterfoil.terms.mark import Evidence


@dataclass(frozen=True, slots=True)
class Identity:
    """A name and address as git writes them."""

    name: str
    mail: str

    def __str__(self) -> str:
        return f"{self.name} <{self.mail}>"


ME = Identity("Robin Vale", "robin@example.org")
"""The person who runs the report."""
ME_BEFORE = Identity("rvale", "robin.vale@old.example.org")
"""The same person under an earlier address, joined by `.mailmap`."""
FORGE = Identity("Forge", "forge@example.org")
"""Commits what is merged by squash, as a hosting service does."""
OTHERS = (
    Identity("Ash Merrowdale", "ash@example.org"),
    Identity("Bryn Castellow", "bryn@example.org"),
    Identity("Claude Verniset", "claude.verniset@example.org"),
    Identity("Dara Whitlocke", "dara@example.org"),
    Identity("Ezra Lindhollow", "ezra@example.org"),
    Identity("Fenna Oakesby", "fenna@example.org"),
    Identity("Gio Marlowick", "gio@example.org"),
    Identity("Hale Wintergate", "hale@example.org"),
)
"""Colleagues. One is called Claude, as people are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """How a commit says that a tool had a hand in it."""

    tool: str
    evidence: Evidence
    trailers: tuple[str, ...] = ()
    author: Identity | None = None


def _bot(number: int, login: str) -> str:
    return f"{number}+{login}@users.noreply.github.com"


_COPILOT_AGENT = Identity("Copilot", _bot(198982749, "Copilot"))
SIGNS = {
    "claude": Sign(
        tool="claude-code",
        evidence=Evidence.MARKED,
        trailers=("Co-Authored-By: Claude Sonnet 4.5 <noreply@anthropic.com>",),
    ),
    "cursor": Sign(
        tool="cursor",
        evidence=Evidence.MARKED,
        trailers=("Co-authored-by: Cursor <cursoragent@cursor.com>",),
    ),
    "codex-agent": Sign(
        tool="codex", evidence=Evidence.AGENT, author=Identity("Codex", "noreply@openai.com")
    ),
    "copilot-agent": Sign(
        tool="copilot",
        evidence=Evidence.AGENT,
        author=_COPILOT_AGENT,
        trailers=("Agent-Logs-Url: https://github.com/example/shop/sessions/41f0",),
    ),
    "devin-agent": Sign(
        tool="devin",
        evidence=Evidence.AGENT,
        author=Identity("Devin AI", _bot(158243242, "devin-ai-integration[bot]")),
    ),
    "suggestion": Sign(
        tool="copilot",
        evidence=Evidence.ASSIST,
        trailers=(f"Co-authored-by: Copilot <{_bot(175728472, 'Copilot')}>",),
    ),
    "editor": Sign(
        tool="copilot",
        evidence=Evidence.ASSIST,
        trailers=("Co-authored-by: Copilot <copilot@github.com>",),
    ),
    "assisted": Sign(
        tool="claude-code",
        evidence=Evidence.ASSIST,
        trailers=("Assisted-by: Claude:claude-sonnet-4-5",),
    ),
}
"""Every sign the example uses, by a short name of our own."""
