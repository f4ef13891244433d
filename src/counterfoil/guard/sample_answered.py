"""Keeps what assessors answer: by line, without who answered, and in the log as a hash."""

import json
from collections.abc import Iterator, Mapping

from counterfoil.guard.guarded import Guarded
from counterfoil.guard.sample import ANSWERS, KIND, drawn_of
from counterfoil.guard.sealed import altered, digest_of, last_entry
from counterfoil.ledger.entry import Body, EntryKind, open_entry
from counterfoil.terms.release import Refuse
from counterfoil.terms.sample import EnteredSheet, SheetReading

ENTERED = "entered"
MOST_SAID = 12
Answers = Mapping[str, Mapping[str, str]]


def enter_sheet(g: Guarded, name: str, sheet: SheetReading) -> EnteredSheet | Refuse:
    """Keep the answers of a sheet: all of them, or none where any row is wrong.

    An answer that is in stays: who changes one after would know what others said.

    Raises: StoreError or LedgerBroken where they can't be logged or kept.
    """
    cells = drawn_of(g, name)
    if isinstance(cells, Refuse):
        return cells
    lines = {line.line for cell in cells for line in cell.lines}
    before = answers_of(g, name)
    wrong = [*sheet.wrong, *_wrong(sheet.answers, lines, before)]
    if wrong:
        more = f" (and {len(wrong) - MOST_SAID} more)" if len(wrong) > MOST_SAID else ""
        return Refuse("sample-rows", f"Nothing was entered: {'; '.join(wrong[:MOST_SAID])}{more}.")
    fresh = {line: said for line, said in sheet.answers.items() if said and line not in before}
    after = {**before, **fresh}
    kept = json.dumps(after, sort_keys=True)
    body: Body = {
        "rule": KIND,
        "state": ENTERED,
        "name": name,
        "lines": len(fresh),
        "sha256": digest_of(kept),
        "at": g.minute,
    }
    entry = g.log.append([open_entry(EntryKind.RULE, body)])
    with g.lake.registry.change() as change:
        change.keep(ANSWERS, name, kept.encode())
    answered = {line for line, said in sheet.answers.items() if said}
    return EnteredSheet(
        fresh=len(fresh),
        same=len(answered) - len(fresh),
        blank=len(sheet.answers) - len(answered),
        left=len(lines) - len(after),
        entry=entry,
    )


def _wrong(answers: Answers, lines: set[str], before: Answers) -> Iterator[str]:
    for line, said in answers.items():
        if line not in lines:
            yield f"line {line} is none of this sample's"
        elif line in before and said and dict(before[line]) != dict(said):
            yield f"line {line} is in already, with other answers"


def answers_of(g: Guarded, name: str) -> Answers:
    """What was answered so far, by line.

    Raises: LedgerBroken where it is not what the log has.
    """
    kept = g.lake.registry.kept(ANSWERS, name)
    if kept is None:
        return {}
    found = last_entry(g, KIND, name, ENTERED)
    if found is None or found[1]["sha256"] != digest_of(kept.decode()):
        raise altered(KIND)
    answers: Answers = json.loads(kept)
    return answers
