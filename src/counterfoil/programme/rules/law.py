"""Rules that stand on law; what they say is not legal advice: AP501 to AP504."""

from collections.abc import Iterator
from datetime import timedelta

from counterfoil.programme.rule import NOT_ADVICE, Case, Hit, rule
from counterfoil.terms.absent import Unknown
from counterfoil.terms.finding import Severity
from counterfoil.terms.metric import Level
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import Assessed, Collected, Step, Told

EU = frozenset(
    [
        *("EU", "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR"),
        *("HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    ]
)
UK = frozenset({"GB", "UK"})
TOO_MUCH = (
    Collected.PROMPT_TEXT,
    Collected.RESPONSE_TEXT,
    Collected.IDLE_MINUTES,
    Collected.KEYSTROKES,
    Collected.SCREENSHOTS,
    Collected.LOCATION,
)
LONGEST = timedelta(days=30)


@rule(
    "AP501 no-notice",
    Severity.ERROR,
    flags="People are not told what, why, who and for how long before it begins; an error in the EU and UK.",
    why="People have a right to know, and watching that is found out costs more trust than any that is told.",
    source="GDPR, Articles 12 to 14; ICO, guidance on monitoring workers (2023); EU AI Act, Article 26(7). "
    f"{NOT_ADVICE}",
    fix="Give everyone the programme itself before it begins, and state `given_on` and `tells`.",
)
def no_notice(case: Case) -> Iterator[Hit]:
    """People who were not told."""
    p = case.programme
    severity = Severity.ERROR if _in(p, EU | UK) else Severity.WARNING
    given, begins = p.notice.given_on, p.about.begins
    missing = [str(told) for told in Told if told not in p.notice.tells]
    if isinstance(given, Unknown):
        yield Hit("notice.given_on", "It does not say when people are told.", severity)
    elif not isinstance(begins, Unknown) and given > begins:
        yield Hit("notice.given_on", "People are told after it begins.", severity)
    if missing:
        yield Hit("notice.tells", f"People are not told: {', '.join(missing)}.", severity)


@rule(
    "AP502 no-dpia-or-consultation",
    Severity.ERROR,
    flags="Numbers about single people in the EU or UK without an impact assessment or the workers' voice.",
    why="Both ask, before it is too late, whether a smaller measure would do.",
    source="GDPR, Article 35; ICO, guidance on monitoring workers (2023); in Germany BetrVG, section 87(1) "
    f"no. 6. {NOT_ADVICE}",
    fix="Do both before it begins: `dpia` and `consultation` are done.",
)
def no_dpia_or_consultation(case: Case) -> Iterator[Hit]:
    """Monitoring that nobody assessed."""
    p = case.programme
    about_people = [m for m in p.metrics if m.level is Level.PERSON or isinstance(m.level, Unknown)]
    if not _in(p, EU | UK) or not about_people:
        return
    for name, words in (("dpia", "impact assessment"), ("consultation", "consultation of the workers")):
        if getattr(p.assessments, name) is not Assessed.DONE:
            says = f"It computes numbers about single people, and no {words} is done."
            yield Hit(f"assessments.{name}", says)


@rule(
    "AP503 unclassified-high-risk",
    Severity.ERROR,
    flags="A score or a model that evaluates workers in the EU, without a classification under the AI Act.",
    why="Systems that evaluate workers are among those that the Act calls high-risk.",
    source="EU AI Act, Annex III 4(b); by press reports it applies from 2 December 2027; the text in the "
    f"Official Journal was not checked. {NOT_ADVICE}",
    fix="Let nothing score a person. Where something does: classify it, name who oversees it, keep its logs.",
)
def unclassified_high_risk(case: Case) -> Iterator[Hit]:
    """A score of people that nobody classified."""
    p = case.programme
    if _in(p, EU) and p.assessments.scores_people is True and p.assessments.ai_act is not Assessed.DONE:
        yield Hit(
            "assessments.ai_act", "A score or a model evaluates single people, and it is not classified."
        )


@rule(
    "AP504 excess-granularity",
    Severity.ERROR,
    flags="Text, idle minutes, keystrokes, screens or places of people; steps finer than a day; rows about "
    "single people kept for more than 30 days.",
    why="What is not needed for the question is only good for watching.",
    source=f"CNIL, SAN-2023-021 (EUR 32 million: idle time, scans to the second, 31 days kept). {NOT_ADVICE}",
    fix="Keep counts by the week, reduce rows about single people within 30 days, and drop the rest.",
)
def excess_granularity(case: Case) -> Iterator[Hit]:
    """More than the question needs."""
    data = case.programme.data
    much = [str(kind) for kind in data.collects if kind in TOO_MUCH]
    if much:
        yield Hit("data.collects", f"It writes down: {', '.join(much)}.")
    if isinstance(data.step, Unknown) or data.step in {Step.MINUTE, Step.HOUR}:
        yield Hit("data.step", "It keeps steps of time finer than a day, or does not say which it keeps.")
    if isinstance(data.keep_raw, Unknown) or data.keep_raw > LONGEST:
        says = "Rows about single people are kept for more than 30 days, or it does not say for how long."
        yield Hit("data.keep_raw", says)


def _in(p: Programme, places: frozenset[str]) -> bool:
    return any(place.partition("-")[0] in places for place in p.about.jurisdictions)


RULES = (no_notice, no_dpia_or_consultation, unclassified_high_risk, excess_granularity)
