"""The report of one person's own AI use: every figure that is printed, drawn or exported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import MicroUsd

Figure = Estimate | Unknown
NOTHING = MicroUsd(0)
SHARE = {"value_as": "share"}
"""Marks a field whose estimate is exported with `share` in place of `value`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over model requests; the four buckets exclude each other."""

    requests: int = 0
    """Model requests, duplicates merged."""
    input_uncached: int = 0
    """Prompt tokens billed at full price."""
    cache_read: int = 0
    """Prompt tokens served from a cache."""
    cache_write: int = 0
    """Prompt tokens written to a cache."""
    output: int = 0
    """Generated tokens, reasoning included."""
    reasoning: int | Unknown = 0
    """The part of `output` that sources state as reasoning; Unknown where none states it."""
    unpriced_requests: int = 0
    """Requests for whose model no price is known; they are in no dollar figure."""
    list_usd: MicroUsd = NOTHING
    """List price of the priced requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One tool's logs: how much was read and what could not be."""

    source: str
    """The collector's name."""
    files: int
    """Log files read."""
    records: int
    """Lines that claim usage or can't be read."""
    kept: int
    """Requests counted."""
    merged: int
    """Records that repeat a counted request."""
    skipped: int
    """Records left out, with reasons in `skipped_why`."""
    other: int
    """All further lines."""
    skipped_why: Mapping[str, int]
    """Records left out, by reason."""
    totals: Totals
    """Sums over this source's requests."""
    looked: Sequence[str]
    """Folders searched."""
    retention_days: int | Unknown
    """After how many days the tool deletes its own logs."""
    remembered: int
    """Requests whose log the tool has deleted, kept by the evidence store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """Sums for one day, model, repository or session."""

    name: str
    """The day (UTC, YYYY-MM-DD), model, repository path or session id."""
    totals: Totals
    """Sums over its requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePart:
    """What was asked of models."""

    totals: Totals
    """Sums over everything in the period."""
    by_source: Sequence[SourceRow]
    """One row for each tool."""
    by_day: Sequence[UsageRow]
    """By day (UTC), oldest first."""
    by_model: Sequence[UsageRow]
    """By model as the logs name it."""
    by_repo: Sequence[UsageRow]
    """By repository, or by folder where it has none."""
    by_session: Sequence[UsageRow]
    """By session, subagents rolled up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPart:
    """What it cost, at list price and as paid."""

    list_usd: MicroUsd
    """List price of all priced requests."""
    paid_usd: MicroUsd | Unknown
    """What was really paid for the period, from `--plan` or a bill."""
    basis: str
    """Where the prices come from, with version and date, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoRow:
    """One repository: what landed in it, and how much of it carries evidence."""

    path: str
    """Its main work tree, or the folder that the logs name."""
    examined: bool
    """Whether its history could be read."""
    why: str
    """Why it was not examined; empty where it was."""
    mode: str
    """`first-parent` or `full`: which commits count as origin."""
    mode_why: str
    """Why this mode, in words."""
    commits: int
    """Commits in the period examined."""
    changes: int
    """Changes that landed on the main line."""
    ai_changes: int
    """Changes at least half of whose lines carry evidence of tier 2 or more."""
    landed_lines: int
    """Code lines that landed."""
    landed_by_tier: Mapping[str, int]
    """Landed code lines by evidence tier, `0` to `5`."""
    mine: int | Unknown
    """Landed code lines of the person running this; Unknown with fewer than five other authors."""
    caveats: Sequence[str]
    """What a reader should know of this repository, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPart:
    """What was made."""

    repos: Sequence[RepoRow]
    """Each repository or folder that was named, examined or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthPart:
    """What became of the spend."""

    spend_by_fate: Mapping[str, MicroUsd]
    """List price by the fate of the change it made; the parts sum to `cost.list_usd`."""
    changes_by_fate: Mapping[str, int]
    """Changes with evidence of AI, by fate."""
    cost_per_standing_change_usd: MicroUsd | Unknown
    """Spend on examined repositories over the AI changes of the time that logs cover that stand."""
    corrected_30d: Mapping[str, Figure]
    """Share of changes corrected or reverted within 30 days: `ai`, `other`."""
    hours: Unknown
    """Hours saved and redone; only where someone stated them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReworkPart:
    """Landed AI lines that were rewritten or removed within 30 days, by stated cause."""

    corrective: Figure = field(metadata=SHARE)
    """Share of landed AI lines removed by a fix or revert."""
    adaptive: Figure = field(metadata=SHARE)
    """Share removed for another stated purpose."""
    unknown: Figure = field(metadata=SHARE)
    """Share removed without a stated purpose."""
    spend_on_replaced_usd: MicroUsd | Unknown
    """First price: session spend times its correctively killed share."""
    cost_of_redo_usd: MicroUsd | Unknown
    """Second price: spend of the sessions whose lines replaced them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailPart:
    """Lines, as detail."""

    survival: Mapping[str, Mapping[str, Figure]]
    """`ai` and `other`, each at `d7`, `d30`, `d90`: share of landed code lines still there."""
    survival_curve: Mapping[str, Sequence[tuple[float, float, float, float]]]
    """`ai` and `other`: (day, share, low, high) steps for the chart, within three quarters of follow-up."""
    moved_lines: int
    """Lines deleted and added again elsewhere in the same commit; they live on."""
    formatting_lines: int
    """Line changes that were formatting only; they live on."""
    rewriters: Mapping[str, Mapping[str, int]]
    """Lines `ai` and `other` that ended within 30 days, by class of who rewrote them."""
    matched_hazard_ratio: Figure
    """How many times as fast AI lines end as others of the same month and kind of code, within 90 days."""
    tokens_per_surviving_line: Figure
    """Output tokens of joined sessions over their lines alive at 30 days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveragePart:
    """How much was seen; printed beside every figure."""

    spend_joined: Figure
    """Share of list spend joined to at least one change."""
    sessions_joined: Figure
    """Share of sessions joined to at least one change."""
    lines_with_evidence: Figure
    """Share of landed code lines with evidence of tier 2 or more."""
    requests_priced: Figure
    """Share of requests for whose model a price is known."""
    records_read: Figure
    """Share of records that could be read."""
    logs_from: str | Unknown
    """First day with a log, UTC."""
    logs_to: str | Unknown
    """Last day with a log, UTC."""
    joined_by: Mapping[str, int]
    """Sessions by how they were joined: content, commit, time, none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one person's AI use was worth, after rework. Every field is exported under its own name."""

    example: bool
    """True where everything was invented by `--example`."""
    made_at: str
    """When this report was made, UTC."""
    since: str | Unknown
    """First day of the period; Unknown means everything there is."""
    usage: UsagePart
    """What was asked of models."""
    cost: CostPart
    """What it cost."""
    work: WorkPart
    """What was made."""
    worth: WorthPart
    """What became of the spend."""
    rework: ReworkPart
    """Landed AI lines that ended within 30 days, and two prices of that."""
    detail: DetailPart
    """Lines, as detail."""
    coverage: CoveragePart
    """How much was seen."""
    notes: Sequence[str] = field(default_factory=tuple)
    """What a reader should know, in words."""
