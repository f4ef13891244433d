"""What is held about the person who asks, and what they may do about it; each of it is in the log first."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from counterfoil.guard.aliases import KEPT as ALIAS
from counterfoil.guard.aliases import logins_of
from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded, asker_of, without_keys
from counterfoil.guard.hints import own_hints
from counterfoil.guard.members import FROZEN, OBJECTED, Members, forget_exempt, members_of
from counterfoil.guard.partition import named
from counterfoil.guard.policy import Question
from counterfoil.guard.recorded import Cut, blocks_of, cut_of
from counterfoil.guard.roles import take_all
from counterfoil.guard.shared import ERASED_OF
from counterfoil.guard.tokens import withdraw_all
from counterfoil.ledger.entry import EntryKind, told_of
from counterfoil.ledger.verify import open_body
from counterfoil.measure.cohort.metric import METRICS, Fact
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.ids import MetricId, Pseudonym
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Block
from counterfoil.terms.record import OwnRecord, PartOf, Read
from counterfoil.terms.release import Refuse, Released

BODY, CORRECTION, SEAT_ANSWER = "body", "correction", "seat-answer"
GONE = "gone"
"""Pseudonyms of the erased: what of theirs is still on its way in goes no further."""
FORGE = "forge"
"""What is remembered between the events of a forge."""
OWN = "own_insight"
SAID = ("at", "role", "purpose", "metric", "period", "group", "filters")


def own_record(
    g: Guarded, who: Pseudonym, secret: bytes, *, newest: int | None = None
) -> Released[OwnRecord] | Refuse:
    """Everything that is held about whoever has a secret; reading it is an entry as well.

    Of the entries about them, and of those with figures that they are one of, as many as are asked for.

    Raises: StoreError where it can't be logged or read; then nothing is shown.
    """
    if (away := without_keys(g)) is not None:
        return away
    if g.keys.whose(secret) != who:
        return Refuse("own-data", "This secret is somebody else's.")
    entry = own_entry(g, who, "read")
    refused = _asked(g, who, action="read", logged=g.log.entry(entry)[0] == EntryKind.PERSON_READ)
    if refused is not None:
        return refused
    own = g.recorded.own(g.log, secret)
    reads = list(_reads(g, secret, own[_first(len(own), newest) :]))
    part_of, before = _part_of(g, who, newest)
    rows = {table: list(_rows(columns)) for table, columns in g.lake.rows_of(who).items()}
    kept = g.lake.registry.kept(CORRECTION, who)
    return Released(
        OwnRecord(
            rows=rows,
            reads=reads,
            reads_before=len(own) - len(reads),
            part_of=part_of,
            part_of_before=before,
            objected=g.lake.registry.kept(OBJECTED, who) is not None,
            corrections=json.loads(kept) if kept else [],
            checkpoint=g.log.checkpoint,
            hints=list(own_hints(rows)),
            missing=g.keys.entries_of(secret) - len(own),
        ),
        "own-data",
    )


def object_to(g: Guarded, who: Pseudonym, *, objects: bool) -> int:
    """Leave a person out of every figure from the next block on, or take them in again; its entry."""
    entry = own_entry(g, who, "objected" if objects else "took an objection back")
    with g.lake.registry.change() as change:
        if objects:
            change.keep(OBJECTED, who, b"1")
        else:
            change.forget(OBJECTED, who)
    return entry


def correct(g: Guarded, who: Pseudonym, says: str) -> int:
    """Keep what a person asks to be put right, for the stewards of the source; its entry."""
    entry = own_entry(g, who, "asked for a correction")
    kept = g.lake.registry.kept(CORRECTION, who)
    with g.lake.registry.change() as change:
        change.keep(CORRECTION, who, json.dumps([*(json.loads(kept) if kept else []), says]).encode())
    return entry


def erase(g: Guarded, who: Pseudonym) -> int:
    """Erase every row of a person and destroy their keys; how many rows there were.

    Weeks of which something was released take no new question after: the difference would be the person.
    """
    own_entry(g, who, "erased")
    logins = logins_of(g, who)
    with g.lake.registry.change() as change:
        for block in g.lake.registry.all_kept(FROZEN):
            members = members_of(g.lake, Block.parse(block))
            if (members.who == who).any():
                forget_exempt(change, members, who)
                for fact in Fact:
                    change.keep(ERASED_OF, named(fact, members.block), b"1")
        change.forget(OBJECTED, who)
        change.forget(CORRECTION, who)
        for one in (*logins, who):
            change.keep(GONE, one, b"1")
        for name in g.lake.registry.all_kept(SEAT_ANSWER):
            if name.startswith(f"{who}/"):
                change.forget(SEAT_ANSWER, name)
        for name, kept in g.lake.registry.all_kept(FORGE).items():
            if any(one.encode() in kept for one in (who, *logins)):
                change.forget(FORGE, name)
    # Else their roles would be held by nobody, and what their machines send would come in again.
    take_all(g, who)
    withdraw_all(g, who)
    gone = 0
    for one in (*logins, who):
        gone += g.lake.without(one)
        g.keys.destroy(one)
    with g.lake.registry.change() as change:
        for one in logins:
            change.forget(ALIAS, one)
    return gone


def sealed_bodies(g: Guarded) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The bodies that are kept beside the log, by the place of their entry."""
    for place, kept in g.lake.registry.all_kept(BODY).items():
        yield int(place), json.loads(kept)


def _asked(g: Guarded, who: Pseudonym, *, action: str, logged: bool) -> Refuse | None:
    """Why a person may not see their own rows: for nothing but rules that can't be asked."""
    own = Question(
        action=action, grain="person", kind="activity", subject=who, others=0, floor=0, purpose=OWN,
        in_programme=False, shown=False, logged=logged,
    )  # fmt: skip
    verdict = g.policies.may(asker_of(Viewer(who=who, role=Role.EMPLOYEE)), own)
    return verdict if isinstance(verdict, Refuse) else None


def own_entry(g: Guarded, who: Pseudonym, did: str) -> int:
    """Seal an entry about a person, and append it; its body is kept before."""
    force = version(g)
    body = {
        "at": g.minute,
        "did": did,
        "role": "self",
        "purpose": OWN,
        "programme": None if force is None else force.digest,
    }
    sealed, place = g.keys.seal(who, body), len(g.log)
    kept = {"who": who, "count": sealed.count, "ciphertext": base64.b64encode(sealed.ciphertext).decode()}
    with g.lake.registry.change() as change:
        change.keep(BODY, f"{place:012d}", json.dumps(kept).encode())
    return g.log.append([sealed.entry])


def _reads(g: Guarded, secret: bytes, own: Sequence[tuple[int, int]]) -> Iterator[Read]:
    """Some entries about a person, opened with their secret."""
    bodies = g.lake.registry.some_kept(BODY, (f"{place:012d}" for _, place in own))
    for count, place in own:
        kept = bodies.get(f"{place:012d}")
        proof = [base64.b64encode(step).decode() for step in g.log.tree.inclusion(place)]
        if kept is None:
            gone = "its body is gone"
            yield Read(entry=place, at="unknown", role="unknown", purpose="unknown", did=gone, proof=proof)
            continue
        ciphertext = base64.b64decode(json.loads(kept)["ciphertext"])
        told = json.loads(open_body(secret, count, g.log.entry(place), ciphertext))
        said = {name: str(told[name]) for name in ("at", "role", "purpose", "did")}
        yield Read(entry=place, proof=proof, **said)


def _part_of(g: Guarded, who: Pseudonym, newest: int | None) -> tuple[Sequence[PartOf], int]:
    """Figures of many that a person is one of, in the order of the log; and how many entries came before."""
    members: dict[Block, Members] = {}
    own: dict[Cut, frozenset[str]] = {}
    is_in = np.zeros(len(g.log), np.bool_)
    for cut, groups in g.recorded.cuts(g.log):
        blocks = blocks_of(cut)
        members |= {block: members_of(g.lake, block) for block in blocks if block not in members}
        mine = (_mine(members[block], who, *cut[1:]) for block in blocks)
        own[cut] = frozenset[str]().union(*mine)
        for group in own[cut] & groups.keys():
            is_in[np.array(groups[group])] = True
    places = np.flatnonzero(is_in).tolist()
    first = _first(len(places), newest)
    out = frozenset(b for b, m in members.items() if m.place_of(who) in m.left_out().tolist())
    return [part for place in places[first:] for part in _parts_of(g, place, own, out)], first


def _parts_of(
    g: Guarded, place: int, own: Mapping[Cut, frozenset[str]], out: frozenset[Block]
) -> Iterator[PartOf]:
    """What one entry says of the groups that a person is in; where they are exempt, of no share of people."""
    for told in told_of(g.log.entry(place))[1]:
        mine = own.get(cut_of(told), ())
        metric = METRICS.get(MetricId(str(told.get("metric"))))
        if metric is not None and metric.is_of_people and out.issuperset(blocks_of(cut_of(told))):
            continue
        if told.get("verdict") == "permitted" and told["group"] in mine:
            yield PartOf(entry=place, **{name: str(told[name]) for name in SAID})


def _first(size: int, newest: int | None) -> int:
    """From which on the newest are."""
    return 0 if newest is None else max(size - newest, 0)


def _mine(members: Members, who: Pseudonym, by: str, filters: str) -> Sequence[str]:
    """The groups of a question that a person is in."""
    place = members.place_of(who)
    groups = () if place is None else members.groups(Level(by), json.loads(filters) if filters else {})
    return [group.name for group in groups if group.has(place)]


def _rows(columns: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    names = list(columns)
    for values in zip(*(_told(columns[name]) for name in names), strict=True):
        yield dict(zip(names, values, strict=True))


def _told(column: Any) -> Sequence[str]:
    """Values as words; a day without its midnight."""
    return ["" if value is None else str(value)[:10] if _is_time(value) else str(value) for value in column]


def _is_time(value: object) -> bool:
    return isinstance(value, np.datetime64) or hasattr(value, "isoformat")
