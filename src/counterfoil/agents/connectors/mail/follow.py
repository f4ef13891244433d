"""What became of a draft, a mail or a move, as the mailbox has it; the agent is not asked."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.mail.box import Box, Kind, Stored
from counterfoil.agents.connectors.mail.letter import Seal, letter_in, names_ours
from counterfoil.agents.connectors.mail.plain import head_of, value
from counterfoil.terms.effect import Effect, EffectFate, Followed

YOUNG = timedelta(days=7)
SKEW = timedelta(days=1)


def followed(box: Box, seal: Seal, effect: Effect, now: datetime) -> Followed:
    """The fate of one effect, and why it is that."""
    try:
        ref = json.loads(effect.ref)
        tool = effect.tool.partition("/")[2]
        if "mid" in ref:
            fate, why = (_mail if tool in {"send", "reply"} else _draft)(box, seal, ref, effect, now)
        else:
            fate, why = _message(box, seal, ref, effect, now)
    except (ValueError, KeyError, TypeError):
        fate, why = EffectFate.NOT_EXAMINED, "nothing was kept by which it could be found"
    except NotDone as error:
        fate, why = EffectFate.NOT_EXAMINED, error.code
    return Followed(key=effect.key, fate=fate, at=now, why=why)


Told = tuple[EffectFate, str]


def _mail(box: Box, seal: Seal, ref: Mapping[str, str], effect: Effect, now: datetime) -> Told:
    sent = box.find(ref["mid"])
    if sent is None or sent.kind is not Kind.SENT:
        return EffectFate.NOT_EXAMINED, "no copy of it lies in Sent"
    for answer in box.answers(sent, ref["mid"]):
        head = head_of(answer.raw)
        if head.get_content_type() == "multipart/report":
            return EffectFate.DISCARDED, "it came back undelivered"
        if ref["mid"] in value(head, "References") + value(head, "In-Reply-To"):
            return EffectFate.ANSWERED, ""
        if value(sent_head := head_of(sent.raw), "Message-ID") in value(head, "References") or (
            value(head, "In-Reply-To") == value(sent_head, "Message-ID")
        ):
            return EffectFate.ANSWERED, ""
    return (EffectFate.TOO_YOUNG, "") if now - effect.at < YOUNG else (EffectFate.SENT, "")


def _draft(box: Box, seal: Seal, ref: Mapping[str, str], effect: Effect, now: datetime) -> Told:
    """Sent as it was, sent with another text, thrown away, or lying there still."""
    found = box.find(ref["mid"])
    if found is None or found.kind is not Kind.SENT:
        found = _sent_from(box, seal, ref, effect) or found
    if found is None or found.kind is Kind.TRASH:
        return EffectFate.DISCARDED, ""
    same = seal.same(seal.letter(letter_in(found)), ref["hash"])
    if found.kind is Kind.SENT:
        return (EffectFate.SENT, "") if same else (EffectFate.EDITED, "")
    if now - effect.at < YOUNG:
        return EffectFate.TOO_YOUNG, "" if same else "it was changed and lies in Drafts"
    return EffectFate.STANDING, "it lies in Drafts" if same else "it was changed and lies in Drafts"


def _sent_from(box: Box, seal: Seal, ref: Mapping[str, str], effect: Effect) -> Stored | None:
    """The mail that a person's program made of a draft and gave a name of its own."""
    for head in box.recent(Kind.SENT, (effect.at - SKEW).date()):
        said, top = letter_in(head), head_of(head.raw)
        refers = value(top, "In-Reply-To") or value(top, "References").rpartition(" ")[2]
        if (
            names_ours(top, ref["mid"])
            or ref["mid"] in value(top, "References")
            or (refers and ref.get("thread") == seal.of("thread", refers))
            or (seal.whom(said) == ref["whom"] and seal.of("subject", said.subject) == ref["subject"])
        ) and head.at >= effect.at - timedelta(minutes=5):
            return box.fetch(head.id)
    return None


def _message(box: Box, seal: Seal, ref: Mapping[str, str], effect: Effect, now: datetime) -> Told:
    """Where a message is now that was moved, marked or thrown away."""
    tool = effect.tool.partition("/")[2]
    found = box.trace(
        ref["id"],
        date.fromisoformat(ref["day"]),
        lambda message: seal.same(seal.thing(message), ref["thing"]),
    )
    if found is None:
        if tool == "trash":
            return EffectFate.STANDING, "the trash was emptied"
        return EffectFate.DISCARDED, "it is nowhere any more"
    if tool == "mark":
        flag, _, on = ref["to"].partition("=")
        return (EffectFate.STANDING if (flag in found.flags) is (on == "on") else EffectFate.MOVED_BACK), ""
    if ref["to"] in {found.folder, found.kind.value}:
        return (EffectFate.TOO_YOUNG if now - effect.at < SKEW else EffectFate.STANDING), ""
    if found.kind is Kind.TRASH:
        return EffectFate.DISCARDED, ""
    if found.folder == ref["from"]:
        return EffectFate.MOVED_BACK, ""
    return EffectFate.MOVED_BACK, "to another folder"
