"""The accounts that an owner connected: what each kind needs, kept encrypted, and the system behind it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Lock

import msgspec

from counterfoil.agents.connectors.connector import Closing, Connector
from counterfoil.agents.secrets import Secrets
from counterfoil.terms.agent import AgentId
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.tool import ConnectorId

MOST_BYTES = 8_000
"""Of one field."""
MOST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One thing that has to be known to connect."""

    name: str
    says: str
    secret: bool = False
    default: str = ""
    may_be_empty: bool = False


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it is kept: which kind, and what was entered."""

    kind: str
    entered: dict[str, str]

    def __repr__(self) -> str:
        return f"Account({self.kind})"

    def text(self, name: str) -> str:
        """What was entered for one thing."""
        return self.entered.get(name, "")

    def port(self, name: str) -> int:
        """The same as the number of a port.

        Raises: SourceError where it is none.
        """
        text = self.text(name)
        if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST_PORT):
            raise SourceError("account-port", f"{name} is no port", hint="write it in digits, such as 993")
        return int(text)


Built = Callable[[Account, "Place"], Connector]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a system may keep something of its own, and the key of the hashes it keeps."""

    folder: Path
    seal: bytes
    renew: Callable[[str, str, str], None] = lambda name, before, value: None
    """Keeps another value of one thing that was entered, where the one before is still kept.

    Such as a permission that changes with each use.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of account."""

    name: str
    connector: ConnectorId
    says: str
    wants: Sequence[Wanted]
    built: Built


@dataclass(slots=True)
class Accounts:
    """What owners connected. A system is opened once for its owner, and again when the account changes."""

    secrets: Secrets
    folder: Path
    kinds: Mapping[str, Kind]
    _open: dict[tuple[Pseudonym, ConnectorId], Connector] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    """Held from what is kept to what is open, so that neither outlives the other."""

    def connect(self, owner: Pseudonym, kind: str, entered: Mapping[str, str]) -> ConnectorId:
        """Keep an account instead of the one of its system that was there.

        Raises: SourceError where something is missing or can't be taken; StoreError where it can't be kept.
        """
        found = self.kinds.get(kind)
        if found is None:
            hint = f"name one of {', '.join(sorted(self.kinds))}"
            raise SourceError("no-such-account", "there is no such kind of account", hint=hint)
        account = Account(kind=kind, entered=_checked(found, entered))
        system = found.built(account, self._place(owner, found.connector))
        with self._lock:
            self.secrets.put(found.connector, owner, msgspec.json.encode(account).decode())
            before = self._open.get((owner, found.connector))
            self._open[owner, found.connector] = system
        _close(before)
        return found.connector

    def disconnect(self, owner: Pseudonym, connector: ConnectorId) -> bool:
        """Let nothing be left of an account; False where there was none.

        Raises: StoreError where it can't be taken away.
        """
        with self._lock:
            dropped = self.secrets.drop(connector, owner)
            before = self._open.pop((owner, connector), None)
        _close(before)
        return dropped

    def part_with(self, owner: Pseudonym) -> None:
        """Let nothing be left of what somebody connected.

        Raises: StoreError where it can't be taken away.
        """
        for connector in self.secrets.entered(owner):
            self.disconnect(owner, connector)

    def owners(self) -> Collection[Pseudonym]:
        """Who connected something.

        Raises: StoreError where the database can't be asked.
        """
        return self.secrets.owners()

    def close(self) -> None:
        """Let go of whatever systems keep open."""
        with self._lock:
            before, self._open = self._open, {}
        for system in before.values():
            _close(system)

    def of(self, agent: AgentId, owner: Pseudonym) -> Mapping[ConnectorId, Connector]:
        """Every system that an owner connected."""
        systems = {connector: self.system(owner, connector) for connector in self.connected(owner)}
        return {connector: system for connector, system in systems.items() if system is not None}

    def system(self, owner: Pseudonym, connector: ConnectorId) -> Connector | None:
        """One system of an owner; none where it is not connected."""
        with self._lock:
            known = self._open.get((owner, connector))
            if known is not None:
                return known
            secret = self.secrets.get(connector, owner)
            if secret is None:
                return None
            try:
                account = msgspec.json.decode(secret.reveal(), type=Account)
                built = self.kinds[account.kind].built(account, self._place(owner, connector))
            except (msgspec.DecodeError, KeyError, SourceError) as error:
                said = f"the account for {connector} can't be read"
                raise StoreError("account-unreadable", said, hint="connect it anew") from error
            self._open[owner, connector] = built
            return built

    def entered(self, owner: Pseudonym, connector: ConnectorId, name: str) -> str:
        """One thing that was entered, for the one check that needs it; empty where it was not.

        Raises: StoreError where the account can't be read.
        """
        secret = self.secrets.get(connector, owner)
        try:
            return "" if secret is None else msgspec.json.decode(secret.reveal(), type=Account).text(name)
        except msgspec.DecodeError as error:
            said = f"the account for {connector} can't be read"
            raise StoreError("account-unreadable", said, hint="connect it anew") from error

    def connected(self, owner: Pseudonym) -> Sequence[ConnectorId]:
        """The systems that an owner connected, by name."""
        known = {kind.connector for kind in self.kinds.values()}
        return sorted(known.intersection(self.secrets.entered(owner)))

    def _place(self, owner: Pseudonym, connector: ConnectorId) -> Place:
        name = sha256(f"{owner}\n{connector}".encode()).hexdigest()[:32]
        return Place(
            folder=self.folder / "systems" / name,
            seal=self.secrets.seal(name),
            renew=partial(self._renewed, owner, connector),
        )

    def _renewed(self, owner: Pseudonym, connector: ConnectorId, name: str, before: str, value: str) -> None:
        """Keep what came instead of what was there before, unless the owner entered another one meanwhile."""
        while (secret := self.secrets.get(connector, owner)) is not None:
            account = msgspec.json.decode(secret.reveal(), type=Account)
            new = Account(kind=account.kind, entered={**account.entered, name: value})
            if account.text(name) != before or self.secrets.swap(
                connector, owner, secret, msgspec.json.encode(new).decode()
            ):
                return


def _close(system: object) -> None:
    if isinstance(system, Closing):
        system.close()


def _checked(kind: Kind, entered: Mapping[str, str]) -> dict[str, str]:
    """What was entered, with what is usual where nothing was.

    Raises: SourceError where something is missing, too long, or unknown.
    """
    known = {one.name for one in kind.wants}
    if unknown := sorted(entered.keys() - known):
        hint = f"it has {', '.join(sorted(known)) or 'no fields'}"
        raise SourceError("account-field", f"{kind.name} has no {unknown[0]}", hint=hint)
    found = {}
    for one in kind.wants:
        value = entered.get(one.name, "").strip() or one.default
        if not value and not one.may_be_empty:
            raise SourceError("account-field", f"{one.name} is missing", hint=f"enter {one.says}")
        if len(value.encode()) > MOST_BYTES:
            raise SourceError("account-field", f"{one.name} is too long", hint="enter less")
        found[one.name] = value
    return found
