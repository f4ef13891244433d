"""Stretches of time that a figure can be of: closed ones, and none that overlap by a day."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

WEEKS_OF_BLOCK = 4
BLOCKS_OF_YEAR = 13
A_WEEK = timedelta(weeks=1)
YEARS = "2[01][0-9]{2}-"
"""No organisation has figures of other centuries, and a date has to stay one when weeks are added to it."""
FORMS = "2026-W40 (a week), 2026-B10 (a block of four weeks), 2026-09 (a month) or 2026-10-01 (a day)"


class Span(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    BLOCK = "block"
    MONTH = "month"


@dataclass(frozen=True, slots=True, order=True)
class Block:
    """Four ISO weeks in which membership is frozen; the thirteenth of a year takes its 53rd week as well."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Block":
        """The block that a day belongs to."""
        year, week, _ = day.isocalendar()
        return cls(year, min((week - 1) // WEEKS_OF_BLOCK + 1, BLOCKS_OF_YEAR))

    @classmethod
    def parse(cls, text: str) -> "Block":
        """A block as it is written, such as 2026-B10."""
        return cls(int(text[:4]), int(text[-2:]))

    @property
    def since(self) -> date:
        """Its first day, a Monday."""
        return date.fromisocalendar(self.year, (self.number - 1) * WEEKS_OF_BLOCK + 1, 1)

    @property
    def until(self) -> date:
        """The first day after it."""
        if self.number == BLOCKS_OF_YEAR:
            return date.fromisocalendar(self.year + 1, 1, 1)
        return self.since + WEEKS_OF_BLOCK * A_WEEK

    @property
    def previous(self) -> "Block":
        """The block before it."""
        return Block.of(self.since - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year}-B{self.number:02d}"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time as people name it."""

    name: str
    span: Span
    since: date
    until: date
    """The first day after it."""

    @classmethod
    def parse(cls, text: str) -> "Period":
        """A period from its name.

        Raises: ValueError where it is none.
        Example:
            >>> week = Period.parse("2026-W40")
            >>> str(week.since), str(week.until)
            ('2026-09-28', '2026-10-05')
        """
        if not re.match(YEARS, text):
            raise ValueError(f"a period is {FORMS}")
        if found := re.fullmatch(r"(\d{4})-W(\d\d)", text, re.ASCII):
            since = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return cls(text, Span.WEEK, since, since + A_WEEK)
        if (found := re.fullmatch(r"(\d{4})-B(\d\d)", text, re.ASCII)) and 1 <= int(
            found[2]
        ) <= BLOCKS_OF_YEAR:
            block = Block(int(found[1]), int(found[2]))
            return cls(text, Span.BLOCK, block.since, block.until)
        if re.fullmatch(r"\d{4}-\d\d", text, re.ASCII):
            since = date.fromisoformat(f"{text}-01")
            return cls(text, Span.MONTH, since, (since + timedelta(days=31)).replace(day=1))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            since = date.fromisoformat(text)
            return cls(text, Span.DAY, since, since + timedelta(days=1))
        raise ValueError(f"a period is {FORMS}")

    def weeks(self) -> tuple[date, ...]:
        """The Mondays of every week that it touches."""
        first = self.since - timedelta(days=self.since.weekday())
        return tuple(first + n * A_WEEK for n in range(-(-(self.until - first).days // 7)))

    def blocks(self) -> tuple[Block, ...]:
        """Every block that it touches."""
        return tuple(sorted({Block.of(week) for week in self.weeks()}))
