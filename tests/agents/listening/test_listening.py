"""What comes from outside sets off one run each, whoever dies in between, and nobody's words are orders."""

import json
import time
from pathlib import Path

import pytest

from agents.connectors import tenant, workspace
from agents.listening.ears import ears
from agents.mail.world import SECRET, ImapWorld, letter
from agents.runtime.lived import ANNA, TRIAGE
from counterfoil.agents.connectors.mail.box import Arrived
from counterfoil.agents.connectors.mail.mail import Mail
from counterfoil.agents.connectors.slack.connector import Slack
from counterfoil.agents.connectors.teams.connector import Teams
from counterfoil.terms.agent import Stop
from counterfoil.terms.error import StoreError
from counterfoil.terms.label import OWNERS, Integrity

MAIL = '[[triggers]]\non = "mail"\nname = "INBOX"\n'
MENTION = '[[triggers]]\non = "mention"\n'
CANARY = "canary words of a stranger"


def test_new_mail_sets_off_one_run_each_and_is_read_by_a_tool(tmp_path: Path, on_pymap: ImapWorld) -> None:
    with ears(tmp_path, MAIL, mail=Mail(on_pymap.box, secret=SECRET)) as heard:
        on_pymap.arrive(letter("before"))
        assert heard.look() == []
        for number in range(2):
            on_pymap.arrive(letter(f"{CANARY} {number}"))
        first = heard.look()
        assert len(first) == 2
        # The names that the mailbox gave, and not a word of the sender's.
        assert CANARY not in str(first)
        assert {json.loads(one.said)["folder"] for one in first} == {"INBOX"}
        assert all(one.label.integrity is Integrity.UNTRUSTED for one in first)
        heard.again()
        assert len(heard.look()) == 2
        on_pymap.arrive(letter("after"))
        assert len(heard.look()) == 3


class Flood:
    """A mailbox that got fifty thousand mails."""

    many, step = 50_000, 1_000

    def arrived(self, folder: str, cursor: str) -> Arrived:
        at = int(cursor or self.many)
        ids = tuple(f"1.{uid}.{folder}" for uid in range(at, min(at + self.step, self.many)))
        return Arrived(ids, str(at + len(ids)) if cursor else "0")


def test_a_flood_of_mail_is_one_run_that_is_told_so(tmp_path: Path) -> None:
    mail = Mail(Flood(), secret=SECRET)  # type: ignore[arg-type]
    with ears(tmp_path, MAIL, mail=mail) as heard:
        assert heard.look() == []
        (one,) = heard.look()
        told = json.loads(one.said)
        assert (told["new"], len(told["newest"]), told["newest"][-1]) == (50_000, 50, "1.49999.INBOX")
        assert "50,000 mails came at once" in told["says"]
        assert len(heard.look()) == 1


def test_nothing_is_lost_or_comes_twice_where_a_process_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Two(Flood):
        many = 2

    mail = Mail(Two(), secret=SECRET)  # type: ignore[arg-type]
    with ears(tmp_path, MAIL, mail=mail) as heard:
        heard.look()
        came, asked = type(heard.life.triggers).came, []

        def dies(*given: object) -> object:
            asked.append(given)
            if len(asked) == 2:
                raise StoreError("disk-full", "nothing can be kept", hint="make room")
            return came(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(type(heard.life.triggers), "came", dies)
        assert len(heard.look()) == 1
        assert heard.waits("mail", "INBOX") == 1
        assert heard.troubles() == ["nothing can be kept make room"]
        heard.again()
        assert len(heard.look()) == 2
        assert (heard.waits("mail", "INBOX"), heard.troubles()) == (0, [])


def test_a_broken_account_is_said_and_left_alone_for_longer_each_time(tmp_path: Path) -> None:
    with workspace.serving() as slack:
        slack.channels["C0OPS"] = workspace.a_channel("ops")
        token = ["xoxb-revoked"]
        with ears(tmp_path, MENTION, slack=Slack(lambda: token[0], url=slack.url)) as heard:
            for _ in range(8):
                heard.look()
            assert slack.calls < 8
            (says,) = heard.troubles()
            assert "xoxb" not in says
            token[0] = slack.token
            heard.look(1_000)
            assert heard.troubles() == []


def test_a_mention_is_the_owners_words_only_where_they_wrote_it(tmp_path: Path) -> None:
    with workspace.serving() as slack:
        slack.channels["C0OPS"] = workspace.a_channel("ops")
        with ears(tmp_path, MENTION, slack=Slack(lambda: slack.token, url=slack.url)) as heard:
            slack.say("C0OPS", "<@U0AGENT> before", "U0ANNA")
            heard.look()
            slack.clock = int((time.time() + 60) * 1_000_000)
            slack.say("C0OPS", f"<@U0AGENT> {CANARY}", "U0BORIS")
            slack.say("C0OPS", f"<@U0AGENT> {CANARY}", "U0NOBODY")
            assert heard.look() == []
            slack.say("C0OPS", "<@U0AGENT> look at it", "U0ANNA")
            (one,) = heard.look()
            assert (one.label, "look at it" in one.said) == (OWNERS, True)
            # Where the owner lets others set it off, what they write is text.
            heard.life.agent(MENTION + "from_others = true\n")
            slack.say("C0OPS", f"<@U0AGENT> {CANARY}", "U0BORIS")
            (other,) = [one for one in heard.look() if CANARY in one.said]
            assert other.label.integrity is Integrity.UNTRUSTED


def test_what_is_switched_off_is_not_listened_to(tmp_path: Path, on_pymap: ImapWorld) -> None:
    with ears(tmp_path, MAIL, mail=Mail(on_pymap.box, secret=SECRET)) as heard:
        heard.look()
        for off in (f"agent:{TRIAGE}", "connector:mail", "everything"):
            at = heard.life.clock()
            heard.life.gate.switches.off(Stop(what=off, by=ANNA, at=at, why=""))
            on_pymap.arrive(letter(off))
            assert heard.look() == []
            heard.life.gate.switches.on(off)
        heard.life.told.live = False
        assert heard.look() == []
        heard.life.told.live = True
        assert len(heard.look()) == 3


def test_teams_is_asked_to_tell_us_and_asked_again_in_time(tmp_path: Path) -> None:
    place = f"{tenant.TEAM}/{tenant.OPS}"
    with tenant.serving() as teams:
        trigger = f'{MENTION}name = "{place}"\n'
        with ears(tmp_path, trigger, teams=Teams(lambda: teams.token, url=teams.url)) as heard:
            heard.look()
            assert "can reach" in heard.troubles()[0]
            entered = {**teams.entered(), "hooks": "https://counterfoil.example.org/"}
            heard.accounts.connect(ANNA, "teams", entered)
            heard.look(10)
            heard.look()
            (asked,) = teams.subscriptions
            assert asked["notificationUrl"].startswith("https://counterfoil.example.org/hooks/agents/")
            heard.life.clock.on(minutes=50)
            heard.look()
            assert len(teams.subscriptions) == 2
