"""Rules about what is measured: AP101 to AP110."""

from collections.abc import Iterator

from counterfoil.programme.rule import Case, Hit, rule
from counterfoil.programme.stakes import aims, at_stake
from counterfoil.terms.absent import Unknown
from counterfoil.terms.finding import Severity
from counterfoil.terms.metric import CapturedBy, Kind, ProgrammeMetric, Watch

FEWEST_DIMENSIONS = 3


@rule(
    "AP101 activity-as-goal",
    Severity.ERROR,
    flags="A target or a reward on activity: tokens, prompts, logins, seats.",
    why="Activity can be made without any work behind it, so people who are asked for it will make it.",
    source="Press reports on the boards and targets of Amazon and Meta, 2026 (404media.co, aimagazine.com, "
    "kucoin.com).",
    fix="Ask for an outcome instead, and keep the activity as cost or capacity that nobody is held to.",
)
def activity_as_goal(case: Case) -> Iterator[Hit]:
    """Activity that somebody is asked for."""
    for aim in aims(case.programme):
        if aim.metric.kind is Kind.ACTIVITY:
            asked = "rewards" if aim.by_reward else "asks for"
            yield Hit(aim.where, f"It {asked} activity ({aim.metric.called}): people will make more of it.")


@rule(
    "AP102 no-outcome-pair",
    Severity.ERROR,
    flags="A target or a reward with no outcome in the same decision.",
    why="Effort moves to what is measured and away from what is not.",
    source="Holmström and Milgrom (1991), Multitask Principal-Agent Analyses; Grove (1983), High Output "
    "Management, on paired indicators.",
    fix="Name an outcome that matters to somebody outside the team in `beside`, and read both together.",
)
def no_outcome_pair(case: Case) -> Iterator[Hit]:
    """An aim that no outcome stands beside."""
    for aim in aims(case.programme):
        if Kind.OUTCOME not in {aim.metric.kind, *(other.kind for other in aim.beside)}:
            says = f"It looks at {aim.metric.called} without any outcome beside it."
            yield Hit(f"{aim.where}.beside", says)


@rule(
    "AP103 no-counter-metric",
    Severity.ERROR,
    flags="A count of activity or output without a partner that sees rework, reverts or defects.",
    why="More is easy when nobody counts what had to be done again.",
    source="Waydev, a vendor, as quoted in the press: 80 to 90 % of AI code accepted, 10 to 30 % surviving; "
    "Mason et al. (2012) on waiting times in English emergency departments.",
    fix="Name a metric that watches correction in `counterweights`, such as work that had to be corrected.",
)
def no_counter_metric(case: Case) -> Iterator[Hit]:
    """A count that nothing weighs against."""
    p = case.programme
    for metric in p.metrics:
        weights = [p.metric(name).watches for name in metric.counterweights]
        if metric.is_volume and Watch.CORRECTION not in weights:
            says = f'"{metric.called}" counts how much, and nothing beside it counts what had to be redone.'
            yield Hit(f"metrics.{metric.id}.counterweights", says)


@rule(
    "AP104 one-dimension",
    Severity.WARNING,
    flags="Fewer than three dimensions of SPACE, or no question that is put to people.",
    why="One side of work always looks good while another gets worse.",
    source="Forsgren, Storey, Maddila, Zimmermann, Houck and Butler (2021), The SPACE of Developer "
    "Productivity, ACM Queue.",
    fix="Add what people say (a short survey) and how work flows; state `dimension` for each metric.",
)
def one_dimension(case: Case) -> Iterator[Hit]:
    """A programme that sees one side only."""
    metrics = case.programme.metrics
    seen = {m.dimension for m in metrics if not isinstance(m.dimension, Unknown)}
    asked = any(m.kind is Kind.PERCEPTION for m in metrics)
    if len(seen) < FEWEST_DIMENSIONS:
        says = f"It sees {len(seen)} of the five dimensions of work; three are the fewest."
        yield Hit("metrics", says)
    elif not asked:
        yield Hit("metrics", "Nobody is asked how it is for them.")


@rule(
    "AP105 gross-savings",
    Severity.WARNING,
    flags="Time saved from which the time spent redoing is not taken off.",
    why="Much of the time that AI saves goes into putting right what it got wrong.",
    source="Workday's survey of 3,200 people, 2026, as reported by financial-planning.com: 37 % of the time "
    "saved went into rework.",
    fix="Ask for hours redone beside hours saved, and set `net_of_rework = true`.",
)
def gross_savings(case: Case) -> Iterator[Hit]:
    """Time saved that is not net."""
    for metric in case.programme.metrics:
        if metric.is_time_saved and metric.net_of_rework is not True:
            says = f"{metric.called} is gross: hours spent redoing are not taken off."
            yield Hit(f"metrics.{metric.id}.net_of_rework", says)


@rule(
    "AP106 free-burn",
    Severity.ERROR,
    flags="Use is encouraged, and neither a budget nor a cost for each outcome holds it.",
    why="What is asked for and costs nobody anything is burnt.",
    source="Press reports on Uber (a year's budget gone in four months, secondary) and Amazon, 2026.",
    fix="Give somebody a budget or a cost for each outcome to answer for, and set `has_budget = true`.",
)
def free_burn(case: Case) -> Iterator[Hit]:
    """Encouraged use that nothing holds."""
    p = case.programme
    asked = any(aim.metric.kind is Kind.ACTIVITY for aim in aims(p))
    ordered = any(p.metric(name).kind is Kind.ACTIVITY for d in p.displays if d.ranked for name in d.metrics)
    if (p.spending.encourages_use is True or asked or ordered) and p.spending.has_budget is not True:
        yield Hit("spending.has_budget", "People are asked to use more, and nothing holds what it costs.")


@rule(
    "AP107 undefined-metric",
    Severity.WARNING,
    flags="A metric without definition, source, owner or version; tokens without a word on cached ones.",
    why="A number that nobody defined can be moved by counting differently.",
    source="Royal Statistical Society (2005), Performance Indicators: Good, Bad, and Ugly; the reports on "
    "Veterans Affairs, Phoenix (2014), where it mattered when the clock was started.",
    fix="Write down what is named as missing.",
)
def undefined_metric(case: Case) -> Iterator[Hit]:
    """A metric that is not written down."""
    for metric in case.programme.metrics:
        needed = ["definition", "source", "owner", "version", *["cached_tokens"] * metric.counts_tokens]
        missing = [name for name in needed if isinstance(getattr(metric, name), Unknown)]
        if missing:
            yield Hit(f"metrics.{metric.id}", f"{metric.called} has no {', no '.join(missing)}.")


@rule(
    "AP108 unvalidated-proxy",
    Severity.WARNING,
    flags="A number that stands for something else, with no test in force that it still does.",
    why="A number that people are held to drifts away from what it stood for.",
    source="Goodhart (1975); Manheim and Garrabrant (2018), Categorizing Variants of Goodhart's Law, "
    "arXiv:1803.04585.",
    fix="Test each quarter whether it still goes with outcomes, and set `validated_until`.",
)
def unvalidated_proxy(case: Case) -> Iterator[Hit]:
    """A stand-in whose test is missing or over."""
    held = at_stake(case.programme)
    for metric in case.programme.metrics:
        until = metric.validated_until
        if metric.id not in held and not metric.is_volume:
            continue
        if isinstance(until, Unknown):
            says = f"Nothing says that {metric.called} still goes with outcomes."
        elif until < case.day:
            says = f"The last test that {metric.called} goes with outcomes was good until {until}."
        else:
            continue
        yield Hit(f"metrics.{metric.id}.validated_until", says)


@rule(
    "AP109 self-scored",
    Severity.ERROR,
    flags="A number that people write down about themselves; an error where something depends on it.",
    why="Whoever is judged by a number should not be the one to write it down.",
    source="Dee, Dobbie, Jacob and Rockoff (2019): over 40 % of near-miss scores were inflated, 80 % fewer "
    "once re-scoring stopped; Veterans Affairs, Phoenix (2014): 24 days reported, 115 found.",
    fix="Let a system record it, compare it with a second record, and check a random sample.",
)
def self_scored(case: Case) -> Iterator[Hit]:
    """A number from the hands of those it judges."""
    held = at_stake(case.programme)
    for metric in case.programme.metrics:
        if metric.captured_by is not CapturedBy.SELF:
            continue
        where = f"metrics.{metric.id}.captured_by"
        if metric.id in held:
            yield Hit(where, f"People write down {metric.called} themselves, and something depends on it.")
        elif metric.kind is not Kind.PERCEPTION:
            says = f"People write down {metric.called} themselves."
            yield Hit(where, says, Severity.WARNING)


@rule(
    "AP110 lone-outcome",
    Severity.ERROR,
    flags="A target on one outcome without correction, consequence and human time beside it.",
    why="An outcome alone is gamed next: empty deployments, work split into pieces, harm moved elsewhere.",
    source="Press reports on Amazon's move from tokens to normalised deployments, 2026; Mason et al. (2012) "
    "on waiting times.",
    fix="Name metrics in `beside` that watch correction, consequence and human-time.",
)
def lone_outcome(case: Case) -> Iterator[Hit]:
    """An outcome that stands alone."""
    for aim in aims(case.programme):
        missing = [str(w) for w in Watch if w not in _watched((aim.metric, *aim.beside))]
        if aim.metric.kind is Kind.OUTCOME and missing:
            says = f"It holds people to {aim.metric.called} with nothing beside it on {', '.join(missing)}."
            yield Hit(f"{aim.where}.beside", says)


def _watched(metrics: tuple[ProgrammeMetric, ...]) -> set[Watch]:
    return {m.watches for m in metrics if not isinstance(m.watches, Unknown)}


RULES = (
    activity_as_goal,
    no_outcome_pair,
    no_counter_metric,
    one_dimension,
    gross_savings,
    free_burn,
    undefined_metric,
    unvalidated_proxy,
    self_scored,
    lone_outcome,
)
