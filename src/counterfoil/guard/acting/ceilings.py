"""Reads what an organisation lets any owner grant, from a file that people write, in clear words."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from counterfoil.guard.acting.compared import wider
from counterfoil.guard.acting.written import MODEL
from counterfoil.terms.agent import Budget, Ceiling
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.tool import ConnectorId, EffectClass

ORGANISATION = "organisation"
NEVER = (EffectClass.GOVERN, EffectClass.EXECUTE)
"""What no ceiling allows."""
OTHERS_YES = (EffectClass.SEND, EffectClass.POST, EffectClass.CHANGE, EffectClass.DEPLOY, EffectClass.PAY)
"""What may need the yes of an approver."""
LISTS = ("models", "regions", "inside", "production", "approvers")
PLANTED = "planted_one_in"
OFTENEST, RAREST = 20, 1_000_000
SPANS = ("run_usd", "day_usd", "month_usd")
MOST_BYTES = 200_000
MOST_USD = 1_000_000
_NAME = re.compile(r"[a-z][a-z0-9._-]{0,63}")
_PATTERN = re.compile(r"[^\s\x00-\x1f\"\\]{1,300}")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a ceiling can't say."""

    where: str
    says: str


@dataclass(frozen=True, slots=True)
class Written:
    """The ceilings of a file, the organisation's first; approvers are called as the file calls them."""

    ceilings: Sequence[Ceiling] = ()
    wrong: Sequence[Wrong] = ()
    """Why they can't be put into force; empty where they can."""

    @property
    def approvers(self) -> Sequence[str]:
        """The identities of everybody who is named."""
        return list(dict.fromkeys(who for ceiling in self.ceilings for who in ceiling.approvers))


@dataclass(slots=True)
class _Reading:
    wrong: list[Wrong] = field(default_factory=list)

    def say(self, where: str, says: str) -> None:
        self.wrong.append(Wrong(where, says))


def example() -> str:
    """A strict ceiling to begin with."""
    return Path(__file__).with_name("ceiling.toml").read_text("utf-8")


def read_ceilings(text: str) -> Written:
    """The ceilings that a file states, or everything that is wrong with it."""
    if len(text) > MOST_BYTES:
        return Written(wrong=[Wrong("", "a ceiling is a few pages of text, and this is more")])
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Written(wrong=[Wrong("", f"this is no TOML: {error}")])
    reading = _Reading()
    for name in sorted(told.keys() - {ORGANISATION, "unit"}):
        reading.say(name, "nobody knows what this means; there is [organisation], and [unit.NAME]")
    whole, units = told.get(ORGANISATION), told.get("unit", {})
    if not isinstance(whole, dict):
        reading.say(ORGANISATION, "it has to say [organisation]: what any owner may grant at most")
        return Written(wrong=reading.wrong)
    top = _ceiling(reading, ORGANISATION, whole, None)
    below = list(_units(reading, units, top))
    return Written([] if reading.wrong else [top, *below], reading.wrong)


def _units(reading: _Reading, units: Any, top: Ceiling) -> Iterator[Ceiling]:
    """The ceilings of units, each of which can only be stricter."""
    if not isinstance(units, dict):
        reading.say("unit", "each unit has a table of its own: [unit.NAME]")
        return
    for name, told in units.items():
        where = f"unit.{name}"
        if not isinstance(told, dict) or not name or len(name) > 200 or name == ORGANISATION:
            reading.say(where, "each unit has a table of its own: [unit.NAME]")
            continue
        found = _ceiling(reading, name, told, top)
        for what in wider(top, found):
            reading.say(where, f"it can only be stricter than the organisation's, and {what}")
        yield found


def _ceiling(reading: _Reading, name: str, told: Mapping[str, Any], above: Ceiling | None) -> Ceiling:
    """One table; what a unit leaves out is as it is above."""
    where = name if above is None else f"unit.{name}"
    needed = {*LISTS, "connectors", "budget"}
    known = {*needed, PLANTED}
    for strange in sorted(told.keys() - known):
        reading.say(f"{where}.{strange}", f"nobody knows what this means; there is {_listed(sorted(known))}")
    for missing in sorted(needed - told.keys()) if above is None else ():
        reading.say(f"{where}.{missing}", "it has to say this, if only that there is none")
    lists = {key: _list(reading, f"{where}.{key}", told.get(key), above, key) for key in LISTS}
    _patterns(reading, where, lists)
    connectors = _connectors(reading, f"{where}.connectors", told.get("connectors"), above)
    asked = {effect for effects in connectors.values() for effect in effects}
    if above is None and not lists["approvers"] and not asked.isdisjoint(OTHERS_YES):
        reading.say(
            f"{where}.approvers",
            "production, outsiders and money need a yes of somebody who is not the owner: name one",
        )
    return Ceiling(
        name=name,
        version=0,
        connectors=connectors,
        models=lists["models"],
        regions=lists["regions"],
        inside=lists["inside"],
        production=lists["production"],
        approvers=tuple(map(Pseudonym, lists["approvers"])),
        budget=_budget(reading, f"{where}.budget", told.get("budget"), above),
        planted_one_in=_planted(reading, f"{where}.{PLANTED}", told.get(PLANTED), above),
    )


def _planted(reading: _Reading, where: str, told: Any, above: Ceiling | None) -> int:
    if told is None:
        return 0 if above is None else above.planted_one_in
    if isinstance(told, bool) or not isinstance(told, int) or (told and not RAREST >= told >= OFTENEST):
        says = f"at most one question in {OFTENEST} is planted: write a number from there on, or 0 for none"
        reading.say(where, says)
        return 0
    return told


def _list(reading: _Reading, where: str, told: Any, above: Ceiling | None, key: str) -> tuple[str, ...]:
    if told is None:
        return () if above is None else tuple(map(str, getattr(above, key)))
    if not isinstance(told, list) or not all(
        isinstance(one, str) and _PATTERN.fullmatch(one) for one in told
    ):
        reading.say(where, 'this is a list of words, such as ["mail:*@example.org"]')
        return ()
    return tuple(dict.fromkeys(told))


def _patterns(reading: _Reading, where: str, lists: Mapping[str, Sequence[str]]) -> None:
    """Say which patterns mean nothing, or everything."""
    for model in lists["models"]:
        provider, colon, _ = model.partition(":")
        if not colon or "*" in provider or not provider or "@" in model:
            reading.say(
                f"{where}.models", f"{model} names no provider: write provider:model, as in anthropic:*"
            )
    for region in lists["regions"]:
        if "@" in region or ":" in region or region.strip("*") == "":
            reading.say(f"{where}.regions", f"{region} is no region: name each, such as eu, us or local")
    for key in ("inside", "production"):
        for pattern in lists[key]:
            kind, colon, name = pattern.partition(":")
            if not colon or not _NAME.fullmatch(kind) or (key == "inside" and name.strip("*@. ") == ""):
                says = "names nothing in particular: write kind:name, as in mail:*@example.org"
                reading.say(f"{where}.{key}", f"{pattern} {says}")
    for who in lists["approvers"]:
        if "*" in who:
            reading.say(f"{where}.approvers", "each approver is named; a pattern is nobody")


def _connectors(
    reading: _Reading, where: str, told: Any, above: Ceiling | None
) -> Mapping[ConnectorId, tuple[EffectClass, ...]]:
    if told is None:
        return {} if above is None else above.connectors
    if not isinstance(told, dict):
        reading.say(where, 'this is a table of lists, such as mail = ["read", "draft"]')
        return {}
    return {
        ConnectorId(name): _effects(reading, f"{where}.{name}", name, effects)
        for name, effects in told.items()
    }


def _effects(reading: _Reading, where: str, name: str, told: Any) -> tuple[EffectClass, ...]:
    allowed = [effect.value for effect in EffectClass if effect not in NEVER]
    if not _NAME.fullmatch(name):
        reading.say(where, "a connector has a short name in small letters")
    if name == MODEL:
        reading.say(where, "which models may be asked is said by models and regions")
    if not isinstance(told, list):
        reading.say(where, f"this is a list of {_listed(allowed)}")
        return ()
    found = []
    for one in told:
        if one in NEVER:
            reading.say(where, f"no agent may {one} here, whatever a ceiling says")
        elif one not in allowed:
            reading.say(where, f"{str(one)[:40]} is no class of effect; there is {_listed(allowed)}")
        else:
            found.append(EffectClass(one))
    return tuple(dict.fromkeys(found))


def _budget(reading: _Reading, where: str, told: Any, above: Ceiling | None) -> Budget:
    if told is None:
        return Budget(run=MicroUsd(0), day=MicroUsd(0), month=MicroUsd(0)) if above is None else above.budget
    if not isinstance(told, dict) or told.keys() - set(SPANS):
        reading.say(where, f"this is a table of {_listed(SPANS)}")
        return Budget(run=MicroUsd(0), day=MicroUsd(0), month=MicroUsd(0))
    run, day, month = (
        _usd(reading, f"{where}.{span}", told.get(span), above, span.removesuffix("_usd")) for span in SPANS
    )
    if not run <= day <= month:
        reading.say(where, "a run costs at most what a day may, and a day what a month may")
    return Budget(run=run, day=day, month=month)


def _usd(reading: _Reading, where: str, told: Any, above: Ceiling | None, span: str) -> MicroUsd:
    if told is None and above is not None:
        return MicroUsd(getattr(above.budget, span))
    try:
        found = Decimal(str(told))
    except InvalidOperation:
        found = Decimal(-1)
    if isinstance(told, bool) or not found.is_finite() or not 0 <= found <= MOST_USD:
        reading.say(where, "this is an amount in US dollars, such as 2.50")
        return MicroUsd(0)
    return MicroUsd(int(found * 1_000_000))


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
