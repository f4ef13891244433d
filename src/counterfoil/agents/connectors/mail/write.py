"""Drafts and mails: laid, changed, sent; each once, and only with exactly the words that were judged."""

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.message import Message
from typing import Any

from counterfoil.agents.connectors.connector import Answer
from counterfoil.agents.connectors.mail.box import Box, Kind, Stored, not_done
from counterfoil.agents.connectors.mail.letter import (
    OURS,
    Letter,
    Seal,
    is_ours,
    letter_in,
    letter_of,
    names_ours,
    thread_of,
    written,
)
from counterfoil.agents.connectors.mail.plain import head_of, is_automatic, people, value
from counterfoil.terms.error import ToolError


class Desk:
    """Where an agent's letters are written."""

    def __init__(self, box: Box, seal: Seal, now: Callable[[], datetime]) -> None:
        self._box, self._seal, self._now = box, seal, now

    def draft(self, asked: Mapping[str, Any], key: str) -> Answer:
        """A new draft."""
        return self._laid(letter_of(asked), key)

    def draft_reply(self, asked: Mapping[str, Any], key: str) -> Answer:
        """A draft in the thread of a message."""
        head = head_of(self._box.fetch(asked["id"], head=True).raw)
        letter = letter_of(asked)
        self._among(letter, head)
        return self._laid(letter, key, thread=thread_of(head))

    def update_draft(self, asked: Mapping[str, Any], key: str) -> Answer:
        """Another text for a draft of ours: the new one is laid before the old one is thrown away."""
        before = self._draft(asked["id"], str(asked["digest"]))
        head, letter = head_of(before.raw), letter_of(asked)
        known = set(letter_in(before).everybody)
        thread = value(head, "References") if set(letter.everybody) <= known else ""
        answer = self._laid(letter, key, of=_ours(head), thread=thread)
        self._thrown(before)
        return answer

    def send(self, asked: Mapping[str, Any], key: str) -> Answer:
        """A mail, whole in the call; where it is a draft's, the draft must still say the same."""
        letter = letter_of(asked)
        if not asked.get("draft"):
            return self._sent(letter, key)
        if done := self.made("send", key):
            return done
        draft = self._draft(asked["draft"], self._seal.letter(letter))
        head = head_of(draft.raw)
        answer = self._sent(letter, key, of=_ours(head), thread=value(head, "References"))
        self._thrown(draft)
        return answer

    def reply(self, asked: Mapping[str, Any], key: str) -> Answer:
        """An answer in a thread, to people who are in it."""
        head = head_of(self._box.fetch(asked["id"], head=True).raw)
        letter = letter_of(asked)
        if is_automatic(head):
            raise not_done(
                "mail-automatic", "A machine or a list sent it, and is not answered.", "Let a person see it."
            )
        self._among(letter, head)
        return self._sent(letter, key, thread=thread_of(head))

    def made(self, tool: str, key: str) -> Answer | None:
        """What the mailbox has of a mail that a call was to make."""
        mid = self._seal.mid(key)
        found = self._box.find(mid)
        sending = tool in {"send", "reply"}
        if found is None or (sending and found.kind is not Kind.SENT):
            return None
        if not names_ours(head_of(found.raw), mid):
            return None
        letter = letter_in(found)
        if sending:
            return Answer({"id": mid}, self._ref(mid, letter))
        return Answer({"id": found.id, "digest": self._seal.letter(letter)}, self._ref(mid, letter))

    def _laid(self, letter: Letter, key: str, *, of: Sequence[str] = (), thread: str = "") -> Answer:
        if done := self.made("draft", key):
            return done
        mid = self._seal.mid(key)
        id = self._box.put_draft(
            written(letter, sender=self._box.address, at=self._now(), mid=mid, of=of, thread=thread)
        )
        return Answer({"id": id, "digest": self._seal.letter(letter)}, self._ref(mid, letter, thread))

    def _sent(self, letter: Letter, key: str, *, of: Sequence[str] = (), thread: str = "") -> Answer:
        if not letter.everybody:
            raise not_done("mail-nobody", "It is for nobody.", "Say whom it is for.")
        if not letter.body.strip():
            raise not_done("mail-empty", "It says nothing.", "Write something.")
        mid = self._seal.mid(key)
        raw = written(letter, sender=self._box.address, at=self._now(), mid=mid, of=of, thread=thread)
        self._box.submit(raw, letter.everybody, mid)
        return Answer({"id": mid}, self._ref(mid, letter, thread))

    def _draft(self, id: str, digest: str) -> Stored:
        """A draft of ours that still says what it is said to say."""
        found = self._box.fetch(id)
        if found.kind is not Kind.DRAFTS or not is_ours(head_of(found.raw)):
            raise not_done("mail-not-ours", "No agent laid this draft.", "Lay one, and take its id.")
        if found.cut or not self._seal.same(self._seal.letter(letter_in(found)), digest):
            raise not_done(
                "mail-changed", "The draft does not say that any more.", "Read it again; a person changed it."
            )
        return found

    def _among(self, letter: Letter, head: Message) -> None:
        """A reply tells whoever gets it that the message was there: nobody who had it not."""
        had = {*people(head, "From", "Reply-To", "To", "Cc"), self._box.address}
        if set(letter.everybody) - had:
            raise not_done(
                "mail-not-in-thread",
                "Somebody whom it is for was not in that mail.",
                "Send a mail of its own.",
            )

    def _thrown(self, draft: Stored) -> None:
        """Its work is done by then: where it can't be put away, it stays."""
        with contextlib.suppress(ToolError):
            self._box.put(draft.id, Kind.TRASH)

    def _ref(self, mid: str, letter: Letter, thread: str = "") -> str:
        """By which it is followed: hashes, and nothing of its text."""
        said = {"mid": mid, "hash": self._seal.letter(letter), "whom": self._seal.whom(letter)}
        said["subject"] = self._seal.of("subject", letter.subject)
        if thread:
            said["thread"] = self._seal.of("thread", thread.split()[-1])
        return json.dumps(said)


def _ours(head: Message) -> tuple[str, ...]:
    """Every name that a draft of ours has had, the latest few."""
    return tuple(dict.fromkeys(value(head, OURS).split()))[:5]
