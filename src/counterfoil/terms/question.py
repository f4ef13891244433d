"""Questions that are put to whoever writes a programme, and their answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How a question is answered."""

    ONE = "one"
    SEVERAL = "several"
    TEXT = "text"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that anybody in the company understands."""

    id: str
    asks: str
    why: str
    """Why it matters, in one sentence."""
    form: Form = Form.ONE
    options: tuple[tuple[str, str], ...] = ()
    """Each possible answer: its name and its words."""
    safe: str = ""
    """The answer that is safe; for one of several options their first, for several of them none."""

    @property
    def default(self) -> tuple[str, ...]:
        """The safe answer as answers are kept."""
        if self.form is Form.SEVERAL:
            return ()
        return (self.safe or self.options[0][0],)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Questions that belong together."""

    title: str
    questions: tuple[Question, ...]


Answers = Mapping[str, Sequence[str]]
"""What was answered to each question, by its id."""


@dataclass(frozen=True, slots=True)
class Wanting:
    """A question whose answer can't be taken, and why."""

    question: str
    says: str
