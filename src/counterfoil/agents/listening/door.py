"""Takes what is delivered to the server for agents, where it has the signature that it should have."""

import base64
import hmac
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from counterfoil.agents.accounts import Accounts
from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.slack.watch import Listener as FromSlack
from counterfoil.agents.connectors.teams.watch import Listener as FromTeams
from counterfoil.agents.keeping import Keeping
from counterfoil.agents.listening.looking import arrival
from counterfoil.agents.listening.wanted import wanted
from counterfoil.agents.shown import Hook, HookAnswer, WebhookShown
from counterfoil.agents.triggers import Event, Triggers
from counterfoil.store.agents import listened
from counterfoil.store.agents.listened import Arrival, Ear
from counterfoil.terms.agent import AgentId
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Refuse
from counterfoil.terms.tool import ConnectorId

HOOKS = "/hooks/agents"
SLACK, TEAMS = ConnectorId("slack"), ConnectorId("teams")
LATE_SECONDS = 300
"""How old what is signed may be."""
ID = re.compile(r"[\x21-\x7e]{1,200}")
REFUSED = HookAnswer(403, "refused")
"""The same whatever is wrong: whether there is such a place is nobody's business."""
TAKEN = HookAnswer(202, "taken")
FULL = HookAnswer(503, "too-many-wait")


@dataclass(frozen=True, slots=True)
class Door:
    """Where deliveries come in, once the server handed them on."""

    triggers: Triggers
    accounts: Accounts
    wake: Callable[[], None] = lambda: None
    """Told after something came that has to be looked at."""

    def webhook(self, agent: AgentId, owner: Pseudonym) -> WebhookShown:
        """A new secret for the webhooks of an agent; the one before holds no longer.

        Raises: StoreError where it can't be kept.
        """
        raw = secrets.token_bytes(32)
        self.accounts.secrets.put(_webhooks(agent), owner, base64.b64encode(raw).decode())
        return WebhookShown(
            path=f"{HOOKS}/{self._place(agent, owner)}", secret=f"whsec_{base64.b64encode(raw).decode()}"
        )

    def subscribed(self, ear: Ear) -> tuple[str, str]:
        """Where Teams is to tell us of a channel of an owner, and under which secret of theirs."""
        address = self.accounts.entered(ear.owner, TEAMS, "hooks").rstrip("/")
        return (f"{address}{HOOKS}/{self._place(TEAMS, ear.owner)}" if address else ""), self._state(
            ear.owner
        )

    def take(self, hook: Hook) -> HookAnswer:
        """Take one delivery; what it says is data, whoever signed it.

        Raises: StoreError where it can't be kept.
        """
        agents = self._keeping.known().agents.values()
        for one in agents:
            if hmac.compare_digest(hook.place, self._place(one.id, one.owner)):
                return self._own(one.id, one.owner, hook)
        for owner in sorted({one.owner for one in agents}):
            if hmac.compare_digest(hook.place, self._place(SLACK, owner)):
                return self._slack(owner, hook)
            if hmac.compare_digest(hook.place, self._place(TEAMS, owner)):
                return self._teams(owner, hook)
        return REFUSED

    def slack_path(self, owner: Pseudonym) -> str:
        """Where Slack is to send events of an owner's account."""
        return f"{HOOKS}/{self._place(SLACK, owner)}"

    def _own(self, agent: AgentId, owner: Pseudonym, hook: Hook) -> HookAnswer:
        """A webhook of one's own, signed as Standard Webhooks has it: its id, its time and every byte.

        Source: Standard Webhooks 1.0 (github.com/standard-webhooks/standard-webhooks, read 2026-11-26).
        """
        secret = self.accounts.secrets.get(_webhooks(agent), owner)
        name = hook.headers.get("webhook-id", "")
        if secret is None or not ID.fullmatch(name) or not self._signed(secret.reveal(), hook):
            return REFUSED
        said = hook.body.decode("utf-8", "replace")
        came = self.triggers.came(agent, Event("webhook", hook.name, name, said))
        return HookAnswer(409, came.clause) if isinstance(came, Refuse) else TAKEN

    def _signed(self, secret: str, hook: Hook) -> bool:
        at, said = hook.headers.get("webhook-timestamp", ""), hook.headers.get("webhook-signature", "")
        if not (at.isascii() and at.isdigit() and len(at) < 12):
            return False
        if abs(self._keeping.now().timestamp() - int(at)) > LATE_SECONDS:
            return False
        text = f"{hook.headers['webhook-id']}.{at}.".encode() + hook.body
        good = base64.b64encode(hmac.digest(base64.b64decode(secret), text, sha256)).decode()
        each = (one.removeprefix("v1,") for one in said.split(" ") if one.startswith("v1,"))
        return any(hmac.compare_digest(one.encode(), good.encode()) for one in each)

    def _slack(self, owner: Pseudonym, hook: Hook) -> HookAnswer:
        secret = self.accounts.entered(owner, SLACK, "signing_secret")
        if not secret:
            return REFUSED
        try:
            came = FromSlack(lambda: secret, "", self._keeping.now).take(hook.headers, hook.body)
        except NotDone:
            return REFUSED
        if isinstance(came, str):
            return HookAnswer(200, came, plain=True)
        return TAKEN if came is None else self._kept(Ear(owner, SLACK, ""), [arrival(came)])

    def _teams(self, owner: Pseudonym, hook: Hook) -> HookAnswer:
        try:
            came = FromTeams(lambda: self._state(owner)).take(hook.query, hook.body)
        except NotDone:
            return REFUSED
        if isinstance(came, str):
            return HookAnswer(200, came, plain=True)
        answers = [
            self._kept(
                Ear(owner, TEAMS, "/".join(one.split("/")[:2])), [Arrival(on="look", name="", ref=one)]
            )
            for one in came
        ]
        return next((one for one in answers if one is FULL), TAKEN)

    def _kept(self, ear: Ear, came: list[Arrival]) -> HookAnswer:
        """Keep what came where an agent waits for it, and answer at once: the rest is done beside it."""
        if ear not in wanted(self._keeping, self.accounts):
            return TAKEN
        with self._keeping.database.write() as db:
            over = listened.add(db, ear, came, self._keeping.now())
        self.wake()
        return FULL if over else TAKEN

    def _state(self, owner: Pseudonym) -> str:
        return self.accounts.secrets.seal(json.dumps(["teams state", owner])).hex()

    def _place(self, of: str, owner: Pseudonym) -> str:
        """A name that nobody guesses; it opens nothing."""
        return self.accounts.secrets.seal(json.dumps(["hook", of, owner])).hex()[:32]

    @property
    def _keeping(self) -> Keeping:
        return self.triggers.runs.world.gate.keeping


def _webhooks(agent: AgentId) -> ConnectorId:
    return ConnectorId(f"webhook/{agent}")
