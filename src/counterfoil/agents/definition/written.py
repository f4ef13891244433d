"""What an owner writes of an agent, field by field as it stands in `agents/*.toml`."""

from datetime import date
from typing import Literal

import msgspec

SCRIPTED = "scripted"
"""The provider of models that only follow a script; whatever shows one says so."""
ON = ("schedule", "mail", "webhook", "mention", "hand")
"""What can set an agent off."""


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of the file; a field that is not known is never passed over."""


class GrantTable(Table, frozen=True, kw_only=True):
    """`[[grants]]`: one tool that the agent may use, and where to."""

    tool: str
    """The tool's id, such as `mail/move`."""
    to: tuple[str, ...] = ()
    """Destinations as `kind:name`. A `*` lets it be asked for and names nobody, so each use needs a yes."""
    until: date | None = None
    """The last day on which it holds; without it until it is taken out."""


class TriggerTable(Table, frozen=True, kw_only=True):
    """`[[triggers]]`: something that sets the agent off."""

    on: Literal["schedule", "mail", "webhook", "mention", "hand"]
    """`schedule`, `mail`, `webhook`, `mention` or `hand`."""
    cron: str = ""
    """For a schedule: minute, hour, day of the month, month, day of the week."""
    zone: str = "UTC"
    """For a schedule: the time zone of those hours, such as `Europe/Berlin`."""
    name: str = ""
    """For mail its folder, for a webhook its name, for a mention its channel; nothing takes any."""
    from_others: bool = False
    """For a mention: whether others than the owner set it off too. What they write gives no orders."""
    say: str = ""
    """What the owner says to the agent each time."""


class BudgetTable(Table, frozen=True, kw_only=True):
    """`[budget]`: the most that it may spend on models; each holds for itself."""

    run_usd: float = 0.5
    """One run, with all that it delegates."""
    day_usd: float = 2.0
    """One day, in UTC."""
    month_usd: float = 20.0
    """One month."""


class LimitsTable(Table, frozen=True, kw_only=True):
    """`[limits]`: where a run ends that would not end by itself."""

    tool_calls: int = 50
    """Calls of tools in one run."""
    model_calls: int = 40
    """Questions to the model in one run."""
    minutes: float = 30.0
    """Minutes of work in one run; waiting for a person does not count."""
    model_seconds: float = 120.0
    """How long one answer of the model may take."""
    garbage: int = 2
    """Answers in a row that nobody can use, such as calls of tools that do not exist."""
    delegates: int = 3
    """Runs of other agents that one run may start."""
    depth: int = 2
    """How far down delegates may delegate in turn."""


class Definition(Table, frozen=True, kw_only=True):
    """A file of `agents/`: one agent, whole."""

    name: str
    """A short name in small letters, one of its kind in the organisation; the file is named after it."""
    purpose: str
    """What it is for, in a sentence that others understand."""
    instructions: str
    """What it is told before anything else. Only its owner's words, and trusted as such."""
    model: str
    """`provider:name@region`. `scripted:FILE@local` follows a script and is marked wherever it shows."""
    grants: tuple[GrantTable, ...] = ()
    """Tools it may use. None is granted by itself."""
    triggers: tuple[TriggerTable, ...] = (TriggerTable(on="hand"),)
    """What sets it off; by hand where nothing is said."""
    approvers: tuple[str, ...] = ()
    """Who is asked besides the owner, as the directory names them. The ceiling says whose yes counts."""
    memory: bool = False
    """Whether it may keep notes, which its owner can read and change."""
    consolidate: str = ""
    """Cron of the run that tidies its notes, at night; needs `memory`. Its zone is `zone`."""
    zone: str = "UTC"
    """The time zone of `consolidate`."""
    delegates: tuple[str, ...] = ()
    """Other agents of the same owner that it may ask. They spend its budget and can do nothing it may not."""
    budget: BudgetTable = BudgetTable()
    """The most that it may spend."""
    limits: LimitsTable = LimitsTable()
    """Where a run ends that would not end by itself."""

    @property
    def is_scripted(self) -> bool:
        """Whether a script answers instead of a model."""
        return self.model.startswith(f"{SCRIPTED}:")


TABLES: tuple[type[Table], ...] = (Definition, GrantTable, TriggerTable, BudgetTable, LimitsTable)
"""All tables of the file, as the reference has them."""
