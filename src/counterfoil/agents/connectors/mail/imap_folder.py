"""What is done inside one connection: folders opened, messages fetched, moved and put by."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped]
from imapclient.exceptions import IMAPClientError  # type: ignore[import-untyped]

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.mail.box import (
    MOST_HEAD,
    MOST_RAW,
    Flag,
    Kind,
    Query,
    Stored,
    begun,
    gone,
    not_done,
)

_SPECIAL: Mapping[bytes, Kind] = {
    b"\\drafts": Kind.DRAFTS,
    b"\\sent": Kind.SENT,
    b"\\trash": Kind.TRASH,
    b"\\archive": Kind.ARCHIVE,
    b"\\junk": Kind.JUNK,
}
_NAMES: Mapping[str, Kind] = {
    "inbox": Kind.INBOX,
    "drafts": Kind.DRAFTS,
    "sent": Kind.SENT,
    "sent items": Kind.SENT,
    "sent messages": Kind.SENT,
    "outbox": Kind.OUTBOX,
    "trash": Kind.TRASH,
    "deleted items": Kind.TRASH,
    "archive": Kind.ARCHIVE,
    "junk": Kind.JUNK,
    "spam": Kind.JUNK,
}
FLAGS: Mapping[Flag, bytes] = {Flag.SEEN: b"\\Seen", Flag.FLAGGED: b"\\Flagged"}
_SYSTEM = {b"\\Seen": "seen", b"\\Flagged": "flagged", b"\\Answered": "answered", b"\\Draft": "draft"}
HEAD = f"BODY.PEEK[HEADER]<0.{MOST_HEAD}>"
WHOLE = f"BODY.PEEK[]<0.{MOST_RAW}>"
MOST_FOLDERS = 200
REFUSALS = (NotDone, IMAPClientError)


def folders(client: IMAPClient) -> list[tuple[str, Kind]]:
    """Folders that hold mail, by name, with what each is for."""
    found = []
    for flags, _, name in client.list_folders()[:MOST_FOLDERS]:
        lower = {flag.lower() for flag in flags}
        if not isinstance(name, str) or lower & {b"\\noselect", b"\\nonexistent"}:
            continue
        special = next((kind for flag, kind in _SPECIAL.items() if flag in lower), None)
        found.append((name, special or _NAMES.get(name.lower(), Kind.OTHER)))
    return found


def names(client: IMAPClient, kind: Kind) -> list[str]:
    """The folder of a kind, where there is one."""
    return [name for name, its in folders(client) if its is kind][:1]


def of_kind(client: IMAPClient, kind: Kind) -> str:
    """The folder of a kind, made where there is none."""
    for name in names(client, kind):
        return name
    name = kind.value.capitalize()
    client.create_folder(name)
    client.subscribe_folder(name)
    return name


def opened(client: IMAPClient, folder: str, *, readonly: bool = True) -> tuple[str, Kind, int]:
    """A folder selected: its name, kind and UIDVALIDITY. Raises: NotDone."""
    kinds = dict(folders(client))
    if folder not in kinds:
        raise not_done(
            "mail-no-folder", "There is no such folder.", "List the folders, and take one of them."
        )
    opened = client.select_folder(folder, readonly=readonly)
    return folder, kinds[folder], int(opened[b"UIDVALIDITY"])


def named(validity: int, uid: int, folder: str) -> str:
    """What a message is called outside."""
    return f"{validity}.{uid}.{folder}"


def uid_in(id: str, folder: str, validity: int) -> int:
    """The UID in an id, where it is of this folder as it is now."""
    its, _, rest = id.partition(".")
    uid, _, name = rest.partition(".")
    if name != folder or its != str(validity) or not (uid.isascii() and uid.isdigit()):
        raise gone(id)
    return int(uid)


def one(client: IMAPClient, id: str, what: str, *, readonly: bool = True) -> Stored:
    """One message by its id. Raises: NotDone."""
    try:
        name, kind, validity = opened(client, id.split(".", 2)[-1], readonly=readonly)
    except NotDone as error:
        raise gone(id) from error
    found = fetched(client, [uid_in(id, name, validity)], what, name, kind, validity)
    if not found:
        raise gone(id)
    return found[0]


def fetched(
    client: IMAPClient, uids: Sequence[int], what: str, folder: str, kind: Kind, validity: int
) -> list[Stored]:
    """Messages of the selected folder, in the order asked for."""
    said = client.fetch(uids, ["INTERNALDATE", "FLAGS", "RFC822.SIZE", what]) if uids else {}
    return [
        _stored(uid, said[uid], folder, kind, validity)
        for uid in uids
        if b"INTERNALDATE" in said.get(uid, {})
    ]


def _stored(uid: int, said: Mapping[bytes, Any], folder: str, kind: Kind, validity: int) -> Stored:
    raw = next((bytes(value or b"") for key, value in said.items() if key.startswith(b"BODY[")), b"")
    size = int(said.get(b"RFC822.SIZE", len(raw)))
    flags = tuple(sorted(_SYSTEM[flag] for flag in said.get(b"FLAGS", ()) if flag in _SYSTEM))
    return Stored(
        id=named(validity, uid, folder),
        folder=folder,
        kind=kind,
        at=utc(said[b"INTERNALDATE"]),
        flags=flags,
        size=size,
        raw=raw[:MOST_RAW],
        cut=size > MOST_RAW,
    )


def moved(client: IMAPClient, id: str, folder: str) -> str:
    """Move one message, and say what it is called there."""
    one(client, id, HEAD, readonly=False)
    uid = int(id.split(".", 2)[1])
    if client.has_capability("MOVE"):
        client.move([uid], folder)
        said = client._imap.response("COPYUID")[1]
        new = b" ".join(one for one in said if one) if said else b""
        return placed(client, b"[COPYUID " + new + b"]", "COPYUID", folder)
    if not client.has_capability("UIDPLUS"):
        raise not_done("mail-cant-move", "This mailbox can't move one message.", "Let a person move it.")
    said = client.copy([uid], folder)
    with begun("move a message", REFUSALS):
        client.add_flags([uid], [b"\\Deleted"])
        client.uid_expunge([uid])
    return placed(client, said, "COPYUID", folder)


def taken_back(client: IMAPClient, id: str) -> None:
    """Take away for good what is our own copy in Outbox, and nothing else."""
    if one(client, id, HEAD, readonly=False).kind is Kind.OUTBOX:
        uid = int(id.split(".", 2)[1])
        client.add_flags([uid], [b"\\Deleted"])
        client.uid_expunge([uid])


def placed(client: IMAPClient, said: bytes | str | None, code: str, folder: str) -> str:
    """What a message is called in the folder that it was put into just now."""
    with begun("put a message and say where it lies", REFUSALS):
        return _told(said, code, folder) or _newest(client, folder)


def _told(said: bytes | str | None, code: str, folder: str) -> str:
    """The new id, as a server with UIDPLUS says it."""
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else str(said or "")
    words = text.partition(f"[{code} ")[2].partition("]")[0].split()
    return f"{words[0]}.{words[-1]}.{folder}" if len(words) >= 2 and words[-1].isdigit() else ""


def _newest(client: IMAPClient, folder: str) -> str:
    """What came last into a folder. Raises: NotDone where it went on already."""
    validity = opened(client, folder)[2]
    last = max(client.search(["ALL"]), default=0)
    if not last:
        raise gone(folder)
    return named(validity, last, folder)


def criteria(query: Query) -> list[Any]:
    """A query as IMAP has it."""
    asked: list[Any] = []
    for word, text in (("TEXT", query.text), ("FROM", query.sender)):
        if text:
            asked += [word, text]
    if query.since:
        asked += ["SINCE", query.since]
    if query.until:
        asked += ["BEFORE", query.until + timedelta(days=1)]
    if query.unseen:
        asked.append("UNSEEN")
    return asked or ["ALL"]


def utc(at: datetime) -> datetime:
    """A time with its zone."""
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
