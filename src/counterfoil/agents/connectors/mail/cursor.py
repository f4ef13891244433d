"""How far a trigger has looked, so that nothing new is missed and nothing comes twice."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from counterfoil.agents.connectors.mail.box import Box, Query

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in what comes in."""

    space: str
    """In which numbers count: a UIDVALIDITY; with others what the system hands out as a whole."""
    following: int
    """The first number not seen."""
    at: datetime
    """The latest arrival seen, for when the numbers no longer count."""

    def text(self) -> str:
        """As it is kept between two looks."""
        return json.dumps([self.space, self.following, self.at.isoformat()])

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """What was kept; None where there is none, or it can't be read: then it begins now."""
        try:
            space, following, at = json.loads(text)
            return cls(str(space), int(following), datetime.fromisoformat(at))
        except (ValueError, TypeError):
            return None


def latest(box: Box, folder: str) -> datetime:
    """The latest arrival in a folder by the clock of the mailbox, which need not be ours."""
    newest = box.page(folder, Query(), before="", limit=1).messages
    return newest[0].at if newest else NEVER
