"""What is kept, what for and under which rule: an assessment whose every line names what it rests on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from counterfoil.guard.policy import Policies
from counterfoil.measure.cohort.metric import METRICS
from counterfoil.store.tables import TABLES
from counterfoil.terms.absent import Unknown
from counterfoil.terms.metric import Kind
from counterfoil.terms.programme import Programme

COLUMNS: Mapping[str, str] = {
    "person.who": "tells people apart without naming them",
    "person.role": "lets a figure be of one kind of work",
    "person.joined": "says who belongs to a block's figures",
    "person.left": "says who no longer belongs to them",
    "membership.who": "says whose unit it is",
    "membership.unit": "says which figure of a unit somebody is in",
    "membership.since": "freezes membership on the first day of a block",
    "membership.until": "freezes membership on the first day of a block",
    "exempt.who": "says who is in no share of people; shown to that person alone",
    "exempt.since": "says in which blocks that is; why is read when it comes in, and not kept",
    "exempt.until": "says in which blocks that no longer is",
    "unit.unit": "names the units that figures are of",
    "unit.parent": "lets figures be of larger units, which give fewer people away",
    "unit.lead": "keeps a lead from the activity of their own team",
    "seat.who": "adds up to the licences of a group; shown to that person alone",
    "seat.tool": "lets licences be of one tool",
    "seat.assigned": "says which licences there were at the end of a block",
    "seat.last_active": "says whether a licence was used in a block",
    "seat.activated": "says whether a licence was ever taken up",
    "seat.ended": "says which licences there no longer are",
    "seat.cost": "is what the licence costs",
    "usage_day.who": "adds up to what a group used; shown to that person alone",
    "usage_day.day": "places use in a week or a block",
    "usage_day.tool": "lets cost be of one tool",
    "usage_day.model": "lets cost be of one model",
    "usage_day.trigger": "keeps what a timer or an agent set off from counting as somebody's activity",
    "usage_day.credential": "tells a person's key from a service's",
    "usage_day.workload": "lets declared heavy work be understood",
    "usage_day.requests": "says whether there was any use, and how much has no price",
    "usage_day.input_uncached": "is billed at its own price",
    "usage_day.cache_read": "is billed at its own price",
    "usage_day.cache_write": "is billed at its own price",
    "usage_day.output": "is billed at its own price",
    "usage_day.cost": "is what the source says it cost, else its list price",
    "work_fate.who": "adds up to what became of a group's work; shown to that person alone",
    "work_fate.kind": "lets a figure be of one kind of work, and tells what agents made or wanted in vain "
    "from what people did",
    "work_fate.work": "keeps a piece of work from being counted twice",
    "work_fate.landed": "places work in a week or a block",
    "work_fate.undone": "says whether work still stood after 30 days",
    "usage.day": "places a request in a day",
    "usage.key": "keeps a request from being counted twice; half a hash",
    "usage.band": "tells six hours of a day from the others, and no time",
    "usage.who": "adds up to what a group used; shown to that person alone",
    "usage.claimed": "says that only the exporter named who it was",
    "usage.source": "says which records a count is from",
    "usage.rank": "lets the nearest signal of a session count, and no other",
    "usage.tool": "lets cost be of one tool",
    "usage.model": "lets cost be of one model",
    "usage.trigger": "keeps what a timer or an agent set off from counting as somebody's activity",
    "usage.credential": "tells a person's token from a machine's",
    "usage.workload": "lets declared heavy work be understood",
    "usage.session": "joins requests of one session; half a hash",
    "usage.trace": "lets a parent that repeats its children be left out; half a hash",
    "usage.series": "makes fresh counts of running ones; half a hash",
    "usage.requests": "says whether there was any use, and how much has no price",
    "usage.input_uncached": "is billed at its own price",
    "usage.cache_read": "is billed at its own price",
    "usage.cache_write": "is billed at its own price",
    "usage.output": "is billed at its own price",
    "usage.cost": "is what the source says it cost",
    "session_cost.day": "places a cost in a week or a block",
    "session_cost.who": "adds up to what a group's sessions cost; shown to that person alone",
    "session_cost.tool": "tells sessions of two tools apart",
    "session_cost.session": "joins a cost with the change it made; half a hash",
    "session_cost.requests": "says how much of it there was",
    "session_cost.unpriced": "says how much of it has no price",
    "session_cost.cost": "is what it cost",
    "spend.day": "places a cost in a week or a block",
    "spend.who": "adds up to what became of a group's spend; shown to that person alone",
    "spend.path": "says how it is known which changes it made",
    "spend.cost": "is what it cost",
    "spend.standing": "adds up to the spend on changes that stand",
    "spend.undone": "adds up to the spend on changes that were corrected or taken back",
    "spend.not_landed": "adds up to the spend of which nothing landed",
    "spend.too_young": "adds up to the spend of which it can't be said yet",
    "spend.not_examined": "adds up to the spend in repositories that nobody connected",
    "spend.unknown": "adds up to the spend of which no commit is known",
    "spend.changes": "counts each change that stands once, for what one of them cost a group",
    "spend.requests": "says how much of it there was",
    "spend.unpriced": "says how much of it has no price",
    "joined.day": "says when it is over how long it may be kept",
    "joined.session": "names a session; half a hash",
    "joined.repository": "says where a commit is",
    "joined.commit": "joins a session with the change it made",
    "joined.who": "is whose session it was; shown to that person alone",
    "joined.tool": "says which tool's session it was",
    "joined.path": "says how the join is known",
    "pushed_mark.day": "finds the one session of that day that can have made a commit",
    "pushed_mark.who": "is whoever made and pushed it, whose session alone it may join; shown to them alone",
    "pushed_mark.tool": "says which tool left the mark; of the message nothing else is kept",
    "pushed_mark.repository": "says where the commit is",
    "pushed_mark.commit": "keeps a commit that a session itself names from being joined by its mark as well",
    "pushed_mark.head": "joins the mark with the change that was pushed with it",
    "pushed_mark.evidence": "says how strong the mark is: left by a session, or signed by the tool",
    "pushed_mark.session": "names the session where a trailer does; half a hash",
    "work_fate.reverted": "tells what was taken back as a whole from what was corrected",
    "work_fate.reviews": "adds up to the reviews that a group's changes took",
    "work_fate.comments": "adds up to the comments that a group's changes took",
    "delivery.who": "adds up to the changes of a group that reached production; shown to that person alone",
    "delivery.work": "keeps a change from being counted twice",
    "delivery.repository": "tells changes of one number in two repositories apart",
    "delivery.day": "places what reached production in a week or a block",
    "delivery.minutes": "how long it took, by a step: the median of a group needs no more",
    "deployment.who": "adds up to a group's deployments; shown to that person alone",
    "deployment.work": "keeps a deployment from being counted twice",
    "deployment.day": "places a deployment in a week or a block",
    "deployment.environment": "tells production from anything else; the name is not kept",
    "deployment.repository": "says what was deployed",
    "deployment.sha": "tells a deployment that goes back to an earlier one",
    "deployment.result": "tells deployments that succeeded from those that did not",
    "deployment.unplanned": "adds up to deployments that were made because something was wrong",
    "deployment.unplanned_by": "says how that is known",
    "deployment.failed": "adds up to deployments that needed an intervention",
    "deployment.failed_by": "says how that is known",
    "deployment.recovery": "how long it took to put right, by a step",
    "review.who": "is shown to that person alone; no figure is made of it",
    "review.work": "keeps a review from being counted twice",
    "review.day": "says when it is over how long it may be kept",
    "review.rounds": "is part of what a change took to land",
    "review.comments": "is part of what a change took to land",
    "review.waiting": "how long a change waited for it, by a step",
    "landing.repository": "says where a change landed",
    "landing.commit": "joins a session or a deployment with the change",
    "landing.work": "names the change",
    "landing.day": "says when it is over how long it may be kept",
    "check_run.work": "names the change",
    "check_run.commit": "names the state of it that was checked",
    "check_run.day": "says when it is over how long it may be kept",
    "check_run.green": "whether the checks passed at the first attempt",
    "incident.incident": "keeps an incident from being counted twice",
    "incident.repository": "says where something broke",
    "incident.day": "places it in a week or a block",
    "incident.deployment": "says which deployment it came of",
    "incident.link_method": "says how that is known",
    "incident.minutes": "how long it lasted, by a step",
}
"""What each column is for; a column without a purpose fails a test."""
REMEMBERED: Mapping[str, str] = {
    "frozen": "who was in which unit on the first day of a block: so that joiners can't be told apart",
    "exempt": "who was in no share of people of a block, without why: until its rows of use are gone",
    "exempt-kinds": "what the programme exempted when rows were handed in: so that none holds for longer",
    "atoms": "what was told apart already: so that no further answer tells of too few",
    "answer": "answers that are out: so that asking again gives the same",
    "programme": "the programme in force, with who agreed",
    "cosigned": "what witnesses cosigned",
    "keys": "which keys the data were taken in with: so that lost ones are noticed",
    "body": "what entries about a person say, sealed so that they alone can read it",
    "objected": "who objected: so that no figure has them in it",
    "correction": "what somebody asked to be put right",
    "acknowledged": "that a programme was read, under a hash which names nobody",
    "gone": "pseudonyms of the erased: so that what is still on its way in goes no further",
    "retired": "weeks whose rows were kept as long as the programme says",
    "erased-of": "weeks that take no new question, since somebody's rows were erased",
    "report-salt": "hides which artefact a report is about",
    "report": "what somebody reported of a tool's errors, without who or which team",
    "pulse": "what a pulse came to as it was told, so that it is told once, and shown to be what people say",
    "incidents": "how many incidents were linked in which way, so that asking again gives the same",
    "token": "by which programs come in, as hashes, and whose use comes in with each",
    "role": "who holds a role that watches over the rest",
    "seat-answer": "what the holder of an idle licence answered: keep, return or on leave",
    "seat-counts": "counts of licences and answers, once a week: so that no two days can be compared",
    "delivered": "hashes of the deliveries that webhooks made in 60 days: so that none counts twice",
    "forge": "changes and deployments on their way, by the hour, for 60 days: for what comes of them",
    "past": "programmes that were in force: so that one can say what each of them changed",
    "workload": "automation that was declared, with what it is for: so that heavy use is understood",
    "suspended": "numbers that have come apart from outcomes, and are not shown until a new programme",
    "unit-week": "weekly sums of units of seven people and more: so that a number can be checked later",
    "audit": "what a check of a number said, as everybody may read it",
    "rollout": "the plan of a rollout by units, with the seed that it is dealt by; nobody is named in it",
    "sample": "the plan of an outcome sample, with the seed that works are drawn by",
    "sample-drawn": "works that chance picked, without whose they are: until they are told of, for 90 days",
    "sample-answers": "what assessors said of them, without who said it: as long",
    "sample-told": "shares of padding of the whole company that were told",
    "agent-ceiling": "what owners may let agents do at most, who may say yes beside them, and who agreed",
    "agent-stop": "what of agents is switched off, by whom, and why: so that it stays off",
    "alias": "which pseudonyms are one person's, as the directory and a forge name them",
}
"""What else is kept in the registry, by kind."""
WITH_KEYS: Mapping[str, str] = {
    "people": "how somebody is named in your systems: so that what comes in under a name is theirs",
    "cards": "names, mail addresses and groups that the directory sends, while it has somebody",
}
"""What lies with the keys of people, and nowhere else."""
MEASURES: Sequence[tuple[str, str]] = (
    ("A figure of a person is read for a decision about them.", "tests/guard/test_proofs.py"),
    ("Several answers together tell of a person.", "tests/guard/test_atoms.py"),
    ("One person makes most of a figure.", "tests/guard/test_dominance.py"),
    ("Somebody reads without a trace.", "tests/guard/test_release.py"),
    ("The trace is altered or cut.", "tests/crash/test_ledger_faults.py"),
    ("The rules are weakened quietly.", "tests/guard/test_publish.py"),
    ("Stored data are stolen.", "tests/app/test_promise.py"),
    ("Text of prompts or files is kept.", "tests/app/test_canary.py"),
    ("People are ranked or scored.", "tests/house/test_no_order_of_people.py"),
    ("Figures are wrong because rows came late or twice.", "tests/store/test_lake.py"),
)
"""Risks to the measured, with the test that a measure against each holds."""
RIGHTS: Sequence[tuple[str, str]] = (
    ("Access, and a copy (Articles 15, 20)", "counterfoil my-data --csv"),
    ("Correction (Article 16)", "counterfoil my-data correct"),
    ("Erasure (Article 17)", "counterfoil my-data erase"),
    ("Objection (Article 21)", "counterfoil my-data object"),
    ("Who read it, when and what for (C-579/21)", "counterfoil my-data; counterfoil verify"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the assessment, and what it rests on."""

    section: str
    says: str
    rests_on: str
    """A column of the schema, a policy, a field of the programme, a command or a test."""


def assessment(programme: Programme, policies: Policies) -> Sequence[Line]:
    """Everything that is kept and may be asked, with what it rests on. No legal advice."""
    return [*_kept(), *_why(programme), *_rules(policies), *_measures()]


def _kept() -> Iterator[Line]:
    for table in TABLES.values():
        for column in table.columns():
            name = f"{table.name}.{column}"
            yield Line(section="What is kept", says=COLUMNS[name], rests_on=f"column {name}")
    for kind, says in REMEMBERED.items():
        yield Line(section="What else is kept", says=says, rests_on=f"registry {kind}")
    for file, says in WITH_KEYS.items():
        yield Line(section="What lies with the keys", says=says, rests_on=f"keys {file}")


def _why(programme: Programme) -> Iterator[Line]:
    for purpose in programme.about.purposes:
        yield Line(section="What for", says=purpose.replace("_", " "), rests_on="programme about.purposes")
    for metric in programme.metrics:
        measured = "measured here" if metric.id in METRICS else "not measured here"
        if metric.kind is Kind.PERCEPTION:
            measured = "asked in a pulse, where one is held"
        says = f"{metric.called}: {measured}"
        yield Line(section="Figures", says=says, rests_on=f"programme metrics.{metric.id}")
    for display in programme.displays:
        says = f"{', '.join(display.metrics)}, by {display.level}, to {', '.join(display.audience)}"
        yield Line(section="Who sees it", says=says, rests_on=f"programme displays.{display.id}")
    kept = programme.data.keep_raw
    if not isinstance(kept, Unknown):
        says = f"rows about single people are removed {kept.days} days after their block of four weeks"
        yield Line(section="How long", says=says, rests_on="programme data.keep_raw")
    for party in programme.parties:
        says = f"{party.id} has to agree before a rule becomes weaker"
        yield Line(section="Who has a say", says=says, rests_on=f"programme parties.{party.id}")


def _rules(policies: Policies) -> Iterator[Line]:
    for name, says in policies.says.values():
        yield Line(section="Rules", says=says, rests_on=f"policy {name}")


def _measures() -> Iterator[Line]:
    for risk, test in MEASURES:
        yield Line(section="Risks, and what holds against them", says=risk, rests_on=f"test {test}")
    for right, command in RIGHTS:
        yield Line(section="Rights", says=right, rests_on=f"command {command}")
