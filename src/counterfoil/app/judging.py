"""Judges programmes: loads, asks the rules, hands to show."""

from collections.abc import Mapping
from pathlib import Path

from counterfoil import __version__
from counterfoil.app.period import today
from counterfoil.app.printed import Printed, terminal
from counterfoil.collect.headcount import read_headcount
from counterfoil.programme.diff import diff
from counterfoil.programme.lint import case_of, fails, lint
from counterfoil.programme.load import Loaded, load
from counterfoil.programme.repair import repair
from counterfoil.programme.rules import RULES, rule_named
from counterfoil.programme.says import says
from counterfoil.programme.template import template
from counterfoil.programme.written import written as programme_text
from counterfoil.show.exported import written
from counterfoil.show.findings import as_json as findings_json
from counterfoil.show.findings import as_text
from counterfoil.show.programme import changes, repair_steps, rule_list, rule_page, sayings
from counterfoil.show.sarif import as_sarif
from counterfoil.terms.error import StoreError
from counterfoil.terms.finding import Direction, RuleText
from counterfoil.terms.ids import RuleId

FINDING = 1
TEXTS: Mapping[RuleId, RuleText] = {name: rule.text for name, rule in RULES.items()}


def run_new(file: Path | None, *, as_json: bool) -> int:
    """Print the programme to begin with, or write it where there is no file yet."""
    text = template(today())
    printed = Printed()
    if file is not None:
        _write_new(file, text)
        printed.words(f"wrote {file}; change what stands in quotes, then: counterfoil programme check {file}")
    if as_json:
        printed.data(written({"text": text}))
    elif file is None:
        printed.data(text)
    return printed.done(None)


def run_check(file: Path, *, form: str, org: Path | None) -> int:
    """Print every finding; 1 where one is an error or a warning."""
    loaded = loaded_programme(file)
    findings = lint(loaded, None if org is None else read_headcount(org))
    look, line = terminal(), loaded.places.line
    printed = Printed()
    if form == "json":
        printed.data(findings_json(findings))
    elif form == "sarif":
        printed.data(as_sarif(findings, TEXTS, line, file=str(file), version=__version__))
    else:
        printed.data(as_text(findings, TEXTS, line, width=look.width, color=look.color, unicode=look.unicode))
    return printed.done(None, FINDING if fails(findings) else 0)


def run_says(file: Path, *, as_json: bool) -> int:
    """Print what an employee is told."""
    said = says(case_of(loaded_programme(file)))
    look = terminal()
    printed = Printed()
    printed.data(
        written(said) if as_json else sayings(said, width=look.width, color=look.color, unicode=look.unicode)
    )
    return printed.done(None)


def run_diff(old: Path, new: Path, *, as_json: bool) -> int:
    """Print what gets weaker or stronger; 1 where something gets weaker."""
    found = diff(loaded_programme(old), loaded_programme(new))
    look = terminal()
    printed = Printed()
    printed.data(
        written(found)
        if as_json
        else changes(found, width=look.width, color=look.color, unicode=look.unicode)
    )
    return printed.done(None, FINDING if any(c.direction is Direction.WEAKER for c in found) else 0)


def run_repair(file: Path, *, as_json: bool) -> int:
    """Print the repaired programme; what was changed, and what is to be done, is said beside it."""
    loaded = loaded_programme(file)
    repaired = repair(loaded.programme, day=loaded.day)
    text = programme_text(repaired.programme)
    printed = Printed()
    printed.words(repair_steps(repaired.steps).rstrip())
    printed.data(written({"text": text, "steps": repaired.steps}) if as_json else text)
    return printed.done(None)


def run_rules(name: str | None, *, as_json: bool) -> int:
    """Print every rule, or one in full."""
    texts = list(TEXTS.values()) if name is None else [rule_named(name).text]
    look = terminal()
    printed = Printed()
    page = rule_list(texts, width=look.width, color=look.color, unicode=look.unicode)
    if name is not None:
        page = rule_page(texts[0], width=look.width, color=look.color, unicode=look.unicode)
    printed.data(written(texts) if as_json else page)
    return printed.done(None)


def loaded_programme(file: Path) -> Loaded:
    """The programme of a file, judged today unless it says otherwise."""
    return load(file, today=today(), rules=RULES)


def _write_new(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError as error:
        hint = "name a file that does not exist yet"
        raise StoreError("programme-exists", f"{file} is there already", hint=hint) from error
    except OSError as error:
        hint = "name a file in a folder that you can write"
        raise StoreError("programme-unwritable", f"can't write {file}", hint=hint) from error
