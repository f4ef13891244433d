"""What pushes say of tools: whose own commits alone, a tool and how strong, and no word of any message."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collect.forge.payloads import BOB, FORGES, MARK, NOW, ROBOT, TRAILERS, Body, written
from collect.forge.test_parsers import PARSE
from counterfoil.collect.forge.event import Event, Marked, Proposed
from counterfoil.collect.git.marks import AGENTS, ASSISTANTS, ASSISTED_BY
from counterfoil.collect.half import half
from counterfoil.terms.absent import Skipped
from counterfoil.terms.mark import Evidence

CLAUDE, NAMED = TRAILERS["left by a session"], TRAILERS["a session by name"]
TOOLS = {*AGENTS, *ASSISTANTS, *ASSISTED_BY, "amp", "entire", "replit"}


def read(name: str, message: str = CLAUDE, **changes: Any) -> Event | Skipped | None:
    """What a push of one commit to a branch says, with some of the commit replaced."""
    event, body = FORGES[name].pushed(message, hours=20, branch=changes.pop("branch", "topic"))
    body |= changes.pop("body", {})
    body["commits"][0] |= changes
    return PARSE[name](event, written(body), now=NOW)


def signed(name: str, who: str) -> Body:
    """An author or a committer."""
    return {"name": name, "email": f"{who}@example.org", "username": who}


@pytest.mark.parametrize("name", FORGES)
def test_trailers_become_a_tool_and_how_strong_its_mark_is(name: str) -> None:
    found = read(name)
    assert isinstance(found, Marked)
    (mark,) = found.marks
    assert (mark.tool, mark.evidence, mark.session) == ("claude-code", Evidence.MARKED, 0)
    assert (found.pusher.identity, found.head, mark.commit) == (f"{name}:{BOB}", mark.commit, found.head)
    named = read(name, NAMED)
    assert isinstance(named, Marked)
    assert named.marks[0].session == half("0f8fad5b-d9cb-469f-a165-70867728950e")
    assert MARK not in json.dumps([asdict(found), asdict(named)], default=str)


@pytest.mark.parametrize("name", FORGES)
def test_a_suggestion_several_tools_and_an_unknown_one_are_no_mark_here(name: str) -> None:
    for message in (*(TRAILERS[n] for n in ("a suggestion", "several")), MARK, "Generated-by: mine:x1"):
        assert read(name, message) is None, message


@pytest.mark.parametrize("name", FORGES)
def test_nobodys_trailer_says_what_another_ones_session_made(name: str) -> None:
    assert read(name, author=signed("Somebody", "somebody")) is None
    robot = {"sender": FORGES[name].user(ROBOT), "user_username": "project_7_bot_1f"}
    assert read(name, body=robot) is None
    # What landed by a button has the day on which it was pressed.
    assert not isinstance(read(name, branch="main"), Marked)
    assert read(name, body={"ref": "refs/tags/v1"}) is None
    assert read(name, timestamp="soon") is None


def test_what_github_knows_more_of_a_commit() -> None:
    assert read("github", committer=signed("GitHub", "web-flow")) is None
    assert read("github", distinct=False) is None
    assert read("github", body={"forced": True}) is None
    agent = {"name": "Claude", "email": "noreply@anthropic.com", "username": "claude"}
    found = read("github", MARK, author=agent)
    assert isinstance(found, Marked)
    assert found.marks[0].evidence is Evidence.AGENT
    assert read("github", MARK, author=agent, committer=signed("Somebody", "somebody")) is None


def test_a_merge_request_has_the_mark_of_its_last_commit() -> None:
    event, body = FORGES["gitlab"].opened(12, BOB, hours=0)
    body["object_attributes"]["last_commit"]["message"] = CLAUDE
    found = PARSE["gitlab"](event, written(body), now=NOW)
    assert isinstance(found, Proposed) and found.marked is not None
    assert [(mark.tool, mark.commit) for mark in found.marked.marks] == [("claude-code", found.head)]


TRAILER = st.tuples(
    st.sampled_from(["Co-authored-by", "assisted-by", "Copilot-Session", "Amp-Thread-ID", "Made-with", "x"]),
    st.sampled_from([MARK, f"{MARK} <noreply@anthropic.com>", f"Cursor {MARK}", "Cursor", f"T-{MARK}"])
    | st.text(max_size=20),
).map(": ".join)


@settings(max_examples=40)
@given(st.lists(TRAILER | st.text(max_size=30), max_size=5), st.sampled_from(sorted(FORGES)))
def test_whatever_a_message_says_no_word_of_it_leaves(lines: list[str], name: str) -> None:
    found = read(name, "\n".join([MARK, "", *lines]))
    assert found is None or isinstance(found, Marked)
    for mark in found.marks if found else ():
        assert mark.tool in TOOLS
        assert isinstance(mark.session, int)
        assert MARK not in repr(mark)
