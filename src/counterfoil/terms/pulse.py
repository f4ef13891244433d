"""The standard pulse: what is asked, of whom, and what may be answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Form(StrEnum):
    """How a question is answered."""

    HOURS = "hours"
    YES_NO = "yes-no"
    LIST = "list"
    """How many of some statements are true, without saying which."""


class Standing(StrEnum):
    """Whether somebody leads others; nothing else of a person goes with an answer."""

    LEADERS = "leaders"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseQuestion:
    """One question of a pulse."""

    id: str
    asks: str
    form: Form
    items: Sequence[str] = ()
    """The statements of a list; chance adds the last one to half of all forms."""


MOST_HOURS = 80
STANDARD: Sequence[PulseQuestion] = (
    PulseQuestion(id="saved", asks="Hours that AI saved you last week", form=Form.HOURS),
    PulseQuestion(
        id="fixing-mine", asks="Hours you spent putting right what AI did for you", form=Form.HOURS
    ),
    PulseQuestion(
        id="fixing-others", asks="Hours you spent putting right what AI did for others", form=Form.HOURS
    ),
    PulseQuestion(id="believed", asks="Do you believe that this stays out of reviews?", form=Form.YES_NO),
    PulseQuestion(id="watched", asks="Would you act differently if your manager saw this?", form=Form.YES_NO),
    PulseQuestion(id="strategy", asks="Do you know why the company does this?", form=Form.YES_NO),
    PulseQuestion(id="fear", asks="Do you fear being replaced?", form=Form.YES_NO),
    PulseQuestion(id="leaving", asks="Would you consider leaving over this?", form=Form.YES_NO),
    PulseQuestion(
        id="for-the-number",
        asks="How many of these are true where you work? Say how many, and not which",
        form=Form.LIST,
        items=(
            "The tools were slow on at least one day last week.",
            "Somebody showed me something new about the tools.",
            "I was in a meeting about AI.",
            "I wrote something without AI.",
            "People here run AI only for the number.",
        ),
    ),
)
WORKED_OUT: Mapping[str, str] = {
    "net-hours": "Hours saved, less hours spent putting right",
    "redone": "Hours spent putting right, of all that were saved",
}
"""What is worked out of the hours of those who stated all three, as they are told."""
HOURS = ("saved", "fixing-mine", "fixing-others")
Answers = Mapping[str, float]
"""What somebody answered, by question; a yes is 1 and a no is 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """One pulse, as its issuer, its collector and everybody who answers have it."""

    id: str
    closes: date
    """The last day on which it takes answers."""
    keys: Mapping[Standing, str]
    """The public key, as PEM, of those who lead and of those who don't."""
    eligible: int
    """How many may answer."""


REMAINS = (
    "What remains: whoever runs the network can see that you answer, and when. The issuer sees that somebody "
    "with a right to it asks for a token; the collector gets an answer that neither can link to you. Whoever "
    "leads is counted apart. What a dozen or more say together is told once, after the last day."
)
