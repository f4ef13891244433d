"""The connector of one mailbox: each tool's call, what it made, and whether it would change anything."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from counterfoil.agents.connectors.connector import Answer
from counterfoil.agents.connectors.mail.address import FIELDS, recipients
from counterfoil.agents.connectors.mail.box import Arrived, Box, Flag, Kind, Query, Stored, not_done
from counterfoil.agents.connectors.mail.follow import followed
from counterfoil.agents.connectors.mail.letter import Letter, Seal, is_ours, letter_in, letter_of
from counterfoil.agents.connectors.mail.manifest import MAIL, REQUIRED, TOOLS
from counterfoil.agents.connectors.mail.plain import head_of
from counterfoil.agents.connectors.mail.read import listed, opened
from counterfoil.agents.connectors.mail.write import Desk
from counterfoil.agents.connectors.service import Missing
from counterfoil.terms.effect import Effect, Followed
from counterfoil.terms.tool import ConnectorId, Tool

MOST_SHOWN = 50
DUPLICATE_DAYS = 30
NEVER_FROM = {Kind.SENT, Kind.OUTBOX}
NEVER_TO = {Kind.SENT, Kind.OUTBOX, Kind.DRAFTS}
_PUT = {"archive": Kind.ARCHIVE, "trash": Kind.TRASH}
Way = Callable[[Mapping[str, Any], str], Answer]


class Mail:
    """One owner's mailbox, as agents may use it."""

    def __init__(
        self, box: Box, *, secret: bytes, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """`secret` is the key of the hashes by which our own mails are known again."""
        self._box, self._seal, self._now = box, Seal(secret), now
        self._desk = Desk(box, self._seal, now)
        self._ways: Mapping[str, Way] = {
            "folders": self._folders,
            "messages": self._search,
            "search": self._search,
            "read": lambda asked, _: Answer(opened(box.fetch(asked["id"]))),
            "draft": self._desk.draft,
            "draft_reply": self._desk.draft_reply,
            "update_draft": self._desk.update_draft,
            "send": self._desk.send,
            "reply": self._desk.reply,
            "move": self._move,
            "mark": self._mark,
            "archive": lambda asked, _: self._put(asked["id"], Kind.ARCHIVE),
            "trash": lambda asked, _: self._put(asked["id"], Kind.TRASH),
        }

    @property
    def id(self) -> ConnectorId:
        """Its name in grants."""
        return MAIL

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The manifest."""
        return TOOLS

    def normal(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """A call's arguments in the form in which they are judged and made: plain addresses, each once.

        Raises: NotDone where an address is not a plain one.
        """
        found = dict(arguments)
        if "to" in TOOLS[tool].arguments:
            plain = recipients(arguments)
            found |= {field: list(plain[field]) for field in FIELDS if field in arguments}
        return found

    def do(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer:
        """Make one call. What was not judged in its normal form is not made."""
        known = TOOLS.get(tool)
        if known is None or set(arguments) - set(known.arguments):
            raise not_done(
                "mail-unknown", "There is no such tool, or it has no such argument.", "See the manifest."
            )
        for name in REQUIRED[tool]:
            if arguments.get(name) is None:
                raise not_done("mail-missing", f"{tool} needs {name}.", f"Say {name}.")
        for name in ("id", "folder", "before", "draft", "digest", "text", "sender"):
            said = arguments.get(name, "")
            if not isinstance(said, str) or any(ord(letter) < ord(" ") for letter in said):
                raise not_done(
                    "mail-argument", f"{name} is not one line of text.", f"Give {name} as it was listed."
                )
        if self.normal(tool, arguments) != dict(arguments):
            raise not_done(
                "mail-not-normal", "Its addresses are not in their plain form.", "Ask for the normal form."
            )
        return self._ways[tool](arguments, key)

    def read_back(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer | None:
        """What the mailbox has of a call: a mail with its Message-ID, a message where it should be."""
        if "body" in TOOLS[tool].arguments:
            return self._desk.made(tool, key)
        if tool not in {"move", "mark", "archive", "trash"}:
            return None
        there = self._there(arguments["id"])
        if there is None or not self._is_so(tool, arguments, there):
            return None
        to = _marked(arguments) if tool == "mark" else there.folder
        return Answer({"id": there.id}, self._ref(there, to, there.id))

    def needless(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """`empty-change` where it is so already or says nothing; `duplicate` where the same went before."""
        if tool in {"move", "mark", "archive", "trash"}:
            there = self._there(arguments["id"])
            return "empty-change" if there is not None and self._is_so(tool, arguments, there) else ""
        if "body" not in TOOLS[tool].arguments:
            return ""
        letter = letter_of(arguments)
        if not letter.body.strip():
            return "empty-change"
        if tool == "update_draft":
            return (
                "empty-change" if self._seal.same(self._seal.letter(letter), str(arguments["digest"])) else ""
            )
        return "duplicate" if self._was(letter, sending=TOOLS[tool].effect.value == "send") else ""

    def follow(self, effect: Effect, now: datetime) -> Followed:
        """What became of an effect, as the mailbox has it."""
        return followed(self._box, self._seal, effect, now)

    def undo(self, effect: Effect) -> tuple[str, Mapping[str, Any]] | None:
        """The call that takes back what was moved, put away or marked; a mail that went out stays out."""
        tool = effect.tool.partition("/")[2]
        if tool not in {"move", "mark", "archive", "trash"}:
            return None
        ref = json.loads(effect.ref)
        if tool == "mark":
            flag, _, on = ref["to"].partition("=")
            return "mark", {"id": ref["id"], "flag": flag, "on": on != "on"}
        return "move", {"id": ref["id"], "folder": ref["from"]}

    def watch(self, folder: str, cursor: str, *, seconds: float = 0.0) -> Arrived:
        """New messages since a cursor, waiting so long where there is none yet; an empty cursor is now."""
        found = self._box.arrived(folder, cursor)
        if seconds and cursor and not found.ids:
            self._box.wait(folder, seconds)
            found = self._box.arrived(folder, found.cursor)
        return found

    def _folders(self, asked: Mapping[str, Any], key: str) -> Answer:
        return Answer(
            {
                "folders": [
                    {"name": one.name, "kind": one.kind.value, "messages": one.messages, "unseen": one.unseen}
                    for one in self._box.folders()
                ]
            }
        )

    def _search(self, asked: Mapping[str, Any], key: str) -> Answer:
        query = Query(
            text=asked.get("text", ""),
            sender=asked.get("sender", ""),
            since=_day(asked.get("since")),
            until=_day(asked.get("until")),
            unseen=asked.get("unseen") is True,
        )
        limit = asked.get("limit", MOST_SHOWN)
        limit = min(max(limit, 1), MOST_SHOWN) if isinstance(limit, int) else MOST_SHOWN
        page = self._box.page(asked["folder"], query, before=asked.get("before", ""), limit=limit)
        return Answer({"messages": [listed(one) for one in page.messages], "more": page.more})

    def _move(self, asked: Mapping[str, Any], key: str) -> Answer:
        target = next((one for one in self._box.folders() if one.name == asked["folder"]), None)
        if target is None or target.kind in NEVER_TO:
            raise not_done(
                "mail-no-folder", "There is no such folder, or it is not an agent's to fill.", "Take another."
            )
        before = self._own(asked["id"])
        return self._answer(before, self._box.move(before.id, target.name), target.name)

    def _put(self, id: str, kind: Kind) -> Answer:
        before = self._own(id)
        return self._answer(before, self._box.put(before.id, kind), kind.value)

    def _mark(self, asked: Mapping[str, Any], key: str) -> Answer:
        try:
            flag = Flag(asked["flag"])
        except ValueError:
            raise not_done("mail-flag", "There is no such flag.", "Take seen or flagged.") from None
        before = self._own(asked["id"])
        self._box.mark(before.id, flag, asked["on"] is True)
        return self._answer(before, before.id, _marked(asked))

    def _answer(self, before: Stored, id: str, folder: str) -> Answer:
        return Answer({"id": id}, self._ref(before, folder, id))

    def _ref(self, before: Stored, folder: str, id: str) -> str:
        return json.dumps(
            {
                "id": id,
                "from": before.folder,
                "to": folder,
                "day": before.at.date().isoformat(),
                "thing": self._seal.thing(before),
            }
        )

    def _own(self, id: str) -> Stored:
        """A message that an agent may arrange: no trace of what was sent, no draft of a person."""
        found = self._box.fetch(id, head=True)
        if found.kind in NEVER_FROM or (found.kind is Kind.DRAFTS and not is_ours(head_of(found.raw))):
            raise not_done(
                "mail-not-yours", "What was sent, and a person's own draft, stay where they are.", "Leave it."
            )
        return found

    def _there(self, id: str) -> Stored | None:
        try:
            return self._box.fetch(id, head=True)
        except Missing:
            return None

    def _is_so(self, tool: str, asked: Mapping[str, Any], there: Stored) -> bool:
        if tool == "mark":
            return (asked["flag"] in there.flags) is (asked["on"] is True)
        return there.folder == asked["folder"] if tool == "move" else there.kind is _PUT[tool]

    def _was(self, letter: Letter, *, sending: bool) -> bool:
        """Whether the same was sent to the same people, or lies as a draft."""
        since = self._now().date() - timedelta(days=DUPLICATE_DAYS)
        wanted = self._seal.letter(letter)
        kinds: Sequence[Kind] = (Kind.SENT, Kind.OUTBOX) if sending else (Kind.DRAFTS,)
        for kind in kinds:
            for head in self._box.recent(kind, since):
                said = letter_in(head)
                if said.subject == letter.subject and self._seal.whom(said) == self._seal.whom(letter):
                    whole = self._box.fetch(head.id)
                    if self._seal.same(self._seal.letter(letter_in(whole)), wanted):
                        return True
        return False


def _marked(asked: Mapping[str, Any]) -> str:
    """What a mark was to be, as it is kept for following."""
    return f"{asked['flag']}={'on' if asked['on'] is True else 'off'}"


def _day(said: object) -> date | None:
    if said is None:
        return None
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        raise not_done("mail-day", "It is not a day.", "Write it as 2026-11-26.") from None
