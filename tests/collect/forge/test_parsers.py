"""What deliveries of each forge say, as goldens; whatever comes is an event, nothing or skipped."""

import json
import os
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collect.forge.payloads import FORGES, MARK, NOW, TRAILERS, at, sha, story, written
from counterfoil.collect.forge.event import Event, Merged, Urgency
from counterfoil.collect.forge.words import environment_of, is_incident, urgency_of
from counterfoil.collect.github.parse import parse as parse_github
from counterfoil.collect.gitlab.parse import parse as parse_gitlab
from counterfoil.terms.absent import Skipped, SkipReason

GOLDENS = Path(__file__).parents[2] / "goldens"
PARSE = {"github": parse_github, "gitlab": parse_gitlab}


def told(found: Event | Skipped | None) -> Any:
    """An event as JSON."""
    if found is None:
        return None
    said = {
        name: str(value) if isinstance(value, datetime) else value for name, value in asdict(found).items()
    }
    return {"event": type(found).__name__, **said}


def cases(name: str) -> dict[str, tuple[str, bytes]]:
    """The story, delivery by delivery, and what else is documented."""
    forge = FORGES[name]
    more = [
        forge.pushed(f"Revert x\n\nThis reverts commit {sha('landed-12')}.", hours=80),
        forge.pushed(MARK, hours=81, branch="other"),
        forge.merged(15, opened=80, hours=90, labels=["hotfix"]),
        forge.merged(16, opened=80, hours=90, branch="hotfix/urgent"),
        *(forge.pushed(message, hours=91, branch="topic") for message in TRAILERS.values()),
    ]
    told = [*story(forge), *more]
    return {f"{place:02d}-{event.lower().replace(' ', '-')}": (event, written(body))
            for place, (event, body) in enumerate(told, start=1)}  # fmt: skip


@pytest.mark.parametrize("name", FORGES)
def test_golden_deliveries_say_what_they_said(name: str) -> None:
    folder = GOLDENS / name
    if os.environ.get("COUNTERFOIL_GOLDENS") == "write":
        folder.mkdir(exist_ok=True)
        for case, (event, raw) in cases(name).items():
            body = {"event": event, "body": json.loads(raw)}
            body["says"] = json.loads(json.dumps(told(PARSE[name](event, raw, now=NOW)), default=str))
            (folder / f"{case}.json").write_text(json.dumps(body, indent=1) + "\n", "utf-8")
    found = sorted(folder.glob("*.json"))
    assert len(found) == len(cases(name))
    for file in found:
        kept = json.loads(file.read_text("utf-8"))
        says = told(PARSE[name](kept["event"], written(kept["body"]), now=NOW))
        assert json.loads(json.dumps(says, default=str)) == kept["says"], file.name
        assert MARK not in json.dumps(kept["says"])


@pytest.mark.parametrize("name", FORGES)
def test_a_revert_says_what_it_takes_back(name: str) -> None:
    forge = FORGES[name]
    event, body = forge.merged(14, opened=0, hours=1, **forge.reverts(12))
    found = PARSE[name](event, written(body), now=NOW)
    assert isinstance(found, Merged)
    assert found.reverts == (f"{forge.prefix}{forge.mark}12",)
    event, body = forge.merged(14, opened=0, hours=1, labels=["rollback"], branch="hotfix/x")
    found = PARSE[name](event, written(body), now=NOW)
    assert isinstance(found, Merged)
    assert found.urgency is Urgency.ROLLBACK


def test_githubs_revert_branch_counts_where_the_body_was_rewritten() -> None:
    forge = FORGES["github"]
    more = {"body": "because", "branch": "revert-12-x", "title": 'Revert "x"'}
    event, body = forge.merged(14, opened=0, hours=1, **more)
    found = parse_github(event, written(body), now=NOW)
    assert isinstance(found, Merged)
    assert found.reverts == ("acme/shop#12",)


@pytest.mark.parametrize("name", FORGES)
def test_what_is_of_no_use_is_nothing_and_what_is_broken_is_skipped(name: str) -> None:
    parse, forge = PARSE[name], FORGES[name]
    assert parse("ping", b'{"zen": "x"}', now=NOW) is None
    event, body = forge.opened(1, hours=0)
    for raw, why in (
        (b"", SkipReason.NOT_JSON),
        (b"payload=%7B%7D", SkipReason.NOT_JSON),
        (b"[1]", SkipReason.WRONG_SHAPE),
        (b"[" * 100_000, SkipReason.NOT_JSON),
    ):
        found = parse(event, raw, now=NOW)
        assert isinstance(found, Skipped)
        assert found.why is why
    early = parse(event, written(body), now=NOW - timedelta(days=300))
    assert isinstance(early, Skipped)
    assert early.why is SkipReason.FUTURE_TIME
    timeless = written(body).replace(at(0).encode(), b"soon")
    found = parse(event, timeless, now=NOW)
    assert isinstance(found, Skipped)
    assert found.why is SkipReason.NO_TIME


def test_a_self_managed_forge_has_its_host_in_the_names_of_works() -> None:
    event, body = FORGES["github"].merged(3, opened=0, hours=1)
    body["repository"]["html_url"] = "https://git.acme.example:8443/Acme/Shop"
    found = parse_github(event, written(body), now=NOW)
    assert isinstance(found, Merged)
    assert found.repository == "git.acme.example:8443/acme/shop"
    assert found.work == "git.acme.example:8443/acme/shop#3"


def test_names_become_kinds() -> None:
    kinds = [environment_of("", name) for name in ("Production-EU", "live", "qa", "review/x", "staging", "x")]
    assert kinds == ["production", "production", "testing", "development", "staging", "other"]
    assert environment_of("staging", "prod") == "staging"
    assert urgency_of(labels=(), branch="refs/heads/hotfix/x") is Urgency.BRANCH
    assert urgency_of(labels=("Rollback",), branch="x") is Urgency.ROLLBACK
    assert urgency_of(labels=(), branch="feature/hotfix") is None
    assert is_incident(["incident::high"])
    assert not is_incident(["incidental"])


WORDS = st.sampled_from(
    ["action", "closed", "opened", "pull_request", "user", "login", "number", "repository", "object_kind",
     "merge_request", "object_attributes", "project", "deployment", "created_at", "id", "iid", "sha"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=25,
)


def is_outcome(found: object) -> bool:
    return found is None or isinstance(found, Skipped | Event)


@pytest.mark.parametrize("name", FORGES)
@given(data=st.data())
def test_whatever_is_delivered_there_is_an_outcome(name: str, data: st.DataObject) -> None:
    """Any JSON, and any documented body with any part of it replaced."""
    parse = PARSE[name]
    event, raw = data.draw(st.sampled_from(list(cases(name).values())))
    assert is_outcome(parse(event, data.draw(st.binary(max_size=40)), now=NOW))
    assert is_outcome(parse(event, json.dumps(data.draw(JSON)).encode(), now=NOW))
    body = json.loads(raw)
    for _ in range(data.draw(st.integers(1, 3))):
        replace(body, data)
    assert is_outcome(parse(event, json.dumps(body).encode(), now=NOW))


def replace(body: Any, data: st.DataObject) -> None:
    """Put something else somewhere."""
    while True:
        keys = list(body) if isinstance(body, dict) else list(range(len(body)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(body[key], dict | list) and body[key] and data.draw(st.booleans()):
            body = body[key]
            continue
        body[key] = data.draw(JSON)
        return
