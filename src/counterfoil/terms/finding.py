"""What the linter says: findings, the rules behind them, and what a programme tells people."""

from dataclasses import dataclass
from enum import StrEnum

from counterfoil.terms.ids import RuleId


class Severity(StrEnum):
    """How much a finding matters: an error or a warning fails a check, an info does not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing a rule found in a programme."""

    id: RuleId
    severity: Severity
    where: str
    """The field's path, such as `displays.board.ranked`."""
    message: str
    source: str
    """What the rule rests on."""
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """A rule as people read it."""

    id: RuleId
    name: str
    severity: Severity
    """The worst it can be."""
    flags: str
    """What it flags."""
    why: str
    source: str
    """What it rests on."""
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One thing a programme tells an employee, in the second person."""

    where: str
    says: str


class Direction(StrEnum):
    """What a change does to the protection of the people it concerns."""

    WEAKER = "weaker"
    STRONGER = "stronger"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between two versions of a programme."""

    where: str
    direction: Direction
    whom: str
    """Whom it concerns, in words."""
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairStep:
    """One thing that was changed in a programme because a finding asked for it."""

    rule: RuleId
    """The rule that asked for it."""
    where: str
    says: str
    to_do: bool = False
    """Whether the file now states what the organisation still has to make true before launch."""
