"""What forges, pipelines, mail and ticket systems say of each work, up to the last day."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.fates import (
    FATE,
    FORMS,
    Changes,
    Fated,
    Planted,
    changes,
    deployments,
    drafts,
    tickets,
)
from counterfoil.simulate.company.people import Flags
from counterfoil.simulate.company.roles import Made
from counterfoil.simulate.company.works import DAY, Plan
from counterfoil.simulate.tables.sheet import PERSON, SHARE, TEXT, WHOLE, Sheet, digests, moments

IDS = {Made.CHANGE: "c%08d", Made.DEPLOYMENT: "d%08d", Made.DRAFT: "m%08d", Made.TICKET: "t%08d"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The days that are written of: what comes later is not known yet."""

    first: np.datetime64
    days: int

    def told(self, seconds: NDArray[np.int64], happens: Flags | bool = True) -> NDArray[Any]:
        """Moments as they are written; nothing where something does not happen, or not yet."""
        return moments(self.first, seconds, happens & self.past(seconds))

    def past(self, seconds: NDArray[np.int64]) -> Flags:
        """Whether moments lie before the end."""
        before: Flags = seconds < self.days * DAY
        return before


@dataclass(frozen=True, slots=True)
class Desk:
    """Where works are written, and what decides how they end."""

    folder: Path
    calendar: Calendar
    seed: int

    def chance(self, kind: Made) -> np.random.Generator:
        """Random numbers of one kind of work."""
        return np.random.Generator(np.random.SFC64([self.seed, 17, list(Made).index(kind)]))


def write_changes(desk: Desk, plan: Plan, service: NDArray[np.int64]) -> Changes:
    """Changes to code as a forge shows them."""
    found, c = changes(plan, desk.chance(Made.CHANGE)), desk.calendar
    landed = found.lands & c.past(found.landed)
    columns = {"work": IDS[Made.CHANGE], "who": PERSON, "at": TEXT, "repository": "repo-%05d"}
    columns |= {"lines": WHOLE, "marked_lines": WHOLE}
    columns |= dict.fromkeys(("landed_at", "closed_at", "reverted_at", "corrected_at"), TEXT)
    columns |= {"reviews": WHOLE, "comments": WHOLE}
    with Sheet(desk.folder / "changes.csv", columns) as sheet:
        sheet.add(
            [
                *_head(plan, c),
                service,
                found.lines,
                found.marked_lines,
                c.told(found.landed, found.lands),
                c.told(found.closed, ~found.lands),
                c.told(found.undone, landed & (found.fate == FATE[Planted.REVERTED])),
                c.told(found.undone, landed & (found.fate == FATE[Planted.CORRECTED])),
                found.reviews,
                found.comments,
            ]
        )
    return found


def write_deployments(desk: Desk, plan: Plan, service: NDArray[np.int64]) -> Fated:
    """Deployments as a pipeline shows them."""
    found, c = deployments(plan, service, desk.chance(Made.DEPLOYMENT)), desk.calendar
    columns = {"work": IDS[Made.DEPLOYMENT], "who": PERSON, "at": TEXT, "service": "service-%05d"}
    columns |= {"tree_before": TEXT, "tree_after": TEXT, "result": TEXT, "rolled_back_at": TEXT}
    failed = found.fate == FATE[Planted.FAILED]
    with Sheet(desk.folder / "deployments.csv", columns) as sheet:
        sheet.add(
            [
                *_head(plan, c),
                service,
                digests(found.before),
                digests(found.after),
                np.where(failed, np.array("failed", object), "succeeded"),
                c.told(found.back, found.fate == FATE[Planted.ROLLED_BACK]),
            ]
        )
    return found


def write_drafts(desk: Desk, plan: Plan) -> Fated:
    """Mails, posts and documents as the systems show them in which they were drafted."""
    found, c = drafts(plan, desk.chance(Made.DRAFT)), desk.calendar
    sent = found.sends & c.past(found.sent)
    edited = np.full(len(plan), "", object)
    edited[sent] = np.char.mod(SHARE, found.edited[sent]).astype(object)
    columns = {"work": IDS[Made.DRAFT], "who": PERSON, "at": TEXT, "form": TEXT}
    columns |= {"opened_at": TEXT, "sent_at": TEXT, "edited": TEXT}
    with Sheet(desk.folder / "drafts.csv", columns) as sheet:
        sheet.add(
            [
                *_head(plan, c),
                np.array(FORMS, object)[found.form],
                c.told(found.opened, found.opens),
                c.told(found.sent, found.sends),
                edited,
            ]
        )
    return found


def write_tickets(desk: Desk, plan: Plan) -> Fated:
    """Tickets as a tracker shows them."""
    found, c = tickets(plan, desk.chance(Made.TICKET)), desk.calendar
    columns = {"work": IDS[Made.TICKET], "who": PERSON, "at": TEXT, "closed_at": TEXT, "reopened_at": TEXT}
    with Sheet(desk.folder / "tickets.csv", columns) as sheet:
        sheet.add(
            [
                *_head(plan, c),
                c.told(found.closed, found.fate != FATE[Planted.OPEN]),
                c.told(found.reopened, found.fate == FATE[Planted.REOPENED]),
            ]
        )
    return found


def _head(plan: Plan, calendar: Calendar) -> list[NDArray[Any]]:
    """What all works have: number, maker, moment."""
    return [np.arange(1, len(plan) + 1), plan.who, moments(calendar.first, plan.at)]
