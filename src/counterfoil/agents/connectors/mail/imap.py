"""A mailbox over IMAP, and SMTP for what goes out."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta

from imapclient import IMAPClient  # type: ignore[import-untyped]

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.mail import imap_folder
from counterfoil.agents.connectors.mail.box import (
    MOST_SCANNED,
    Arrived,
    Flag,
    Folder,
    Kind,
    Page,
    Query,
    Stored,
    Unsure,
    not_done,
    unsent,
    unsure,
)
from counterfoil.agents.connectors.mail.cursor import NEVER, Cursor
from counterfoil.agents.connectors.mail.letter import OURS, on_the_way
from counterfoil.agents.connectors.mail.session import Imap
from counterfoil.agents.connectors.mail.smtp import Smtp
from counterfoil.terms.error import ToolError

MOST_NEW = 1_000


class ImapBox:
    """One mailbox: each call is a connection of its own, so none is ever half open between two."""

    def __init__(self, *, address: str, imap: Imap, smtp: Smtp, sent_by_server: bool = False) -> None:
        """`sent_by_server`: whether the server that sends lays a copy into Sent by itself."""
        self._address, self._imap, self._smtp, self._copied = address, imap, smtp, sent_by_server

    @property
    def address(self) -> str:
        """The owner's own address."""
        return self._address

    def folders(self) -> Sequence[Folder]:
        """Every folder, with what is in it."""
        with self._imap.session() as client:
            found = []
            for name, kind in imap_folder.folders(client):
                status = client.folder_status(name, ["MESSAGES", "UNSEEN"])
                found.append(
                    Folder(
                        id=name,
                        name=name,
                        kind=kind,
                        messages=int(status.get(b"MESSAGES", 0)),
                        unseen=int(status.get(b"UNSEEN", 0)),
                    )
                )
            return found

    def page(self, folder: str, query: Query, *, before: str, limit: int) -> Page:
        """Messages of a folder that a query finds, with their headers."""
        with self._imap.session() as client:
            name, kind, validity = imap_folder.opened(client, folder)
            uids = sorted(client.search(imap_folder.criteria(query), charset="UTF-8"), reverse=True)
            if before:
                last = imap_folder.uid_in(before, name, validity)
                uids = [uid for uid in uids if uid < last]
            shown = imap_folder.fetched(client, uids[:limit], imap_folder.HEAD, name, kind, validity)
            more = imap_folder.named(validity, uids[limit - 1], name) if len(uids) > limit else ""
            return Page(tuple(shown), more)

    def fetch(self, id: str, *, head: bool = False) -> Stored:
        """One message, read without a trace of it."""
        with self._imap.session() as client:
            return imap_folder.one(client, id, imap_folder.HEAD if head else imap_folder.WHOLE)

    def put_draft(self, raw: bytes) -> str:
        """Append to Drafts."""
        with self._imap.session("lay a draft") as client:
            return self._appended(client, Kind.DRAFTS, raw, (b"\\Draft", b"\\Seen"))

    def move(self, id: str, folder: str) -> str:
        """Move, atomically where the server can."""
        with self._imap.session("move a message") as client:
            if folder not in dict(imap_folder.folders(client)):
                raise not_done(
                    "mail-no-folder", "There is no such folder.", "List the folders, and take one of them."
                )
            return imap_folder.moved(client, id, folder)

    def put(self, id: str, kind: Kind) -> str:
        """Move to the folder of a kind, which is made where the mailbox has none."""
        with self._imap.session("move a message") as client:
            return imap_folder.moved(client, id, imap_folder.of_kind(client, kind))

    def mark(self, id: str, flag: Flag, on: bool) -> None:
        """Set a flag, or take it off."""
        with self._imap.session("mark a message") as client:
            uid = imap_folder.one(client, id, imap_folder.HEAD, readonly=False) and int(id.split(".", 2)[1])
            (client.add_flags if on else client.remove_flags)([uid], [imap_folder.FLAGS[flag]])

    def submit(self, raw: bytes, recipients: Sequence[str], mid: str) -> str:
        """Keep a copy in Outbox, hand it over, move the copy to Sent: killed anywhere, it goes out once."""
        try:
            with self._imap.session("keep a copy") as client:
                if found := self._found(client, mid, (Kind.SENT,)):
                    return found.id
                if self._found(client, mid, (Kind.OUTBOX,)):
                    raise unsure("it lies in Outbox since an earlier try")
                kept = self._appended(client, Kind.OUTBOX, raw, (b"\\Seen",))
        except (NotDone, Unsure):
            raise
        except ToolError as error:
            raise unsent("Outbox") from error
        try:
            self._smtp.send(self._address, recipients, on_the_way(raw))
        except NotDone:
            with suppress(ToolError), self._imap.session() as client:
                imap_folder.taken_back(client, kept)
            raise
        try:
            with self._imap.session("keep a copy") as client:
                if self._copied:
                    imap_folder.taken_back(client, kept)
                    return ""
                return imap_folder.moved(client, kept, imap_folder.of_kind(client, Kind.SENT))
        except ToolError:
            # It was sent, whatever became of the copy.
            return kept

    def find(self, mid: str) -> Stored | None:
        """The newest message with a Message-ID of ours: sent, else a draft, else thrown away."""
        with self._imap.session() as client:
            return self._found(client, mid, (Kind.SENT, Kind.DRAFTS, Kind.TRASH))

    def recent(self, kind: Kind, since: date) -> Sequence[Stored]:
        """Headers of the newest messages in a folder of a kind."""
        with self._imap.session() as client:
            found: list[Stored] = []
            for name in imap_folder.names(client, kind):
                validity = imap_folder.opened(client, name)[2]
                uids = sorted(client.search(["SINCE", since]), reverse=True)[:MOST_SCANNED]
                found += imap_folder.fetched(client, uids, imap_folder.HEAD, name, kind, validity)
            return found

    def answers(self, sent: Stored, mid: str) -> Sequence[Stored]:
        """What names the message in its References, and what a server says that could not deliver it."""
        asked = [
            "SINCE",
            (sent.at - timedelta(days=1)).date(),
            "OR",
            ["OR", ["HEADER", "References", mid], ["HEADER", "In-Reply-To", mid]],
            ["FROM", "mailer-daemon", "BODY", mid],
        ]
        with self._imap.session() as client:
            found: list[Stored] = []
            for name, kind in imap_folder.folders(client):
                if kind not in {Kind.SENT, Kind.DRAFTS, Kind.OUTBOX, Kind.JUNK}:
                    validity = imap_folder.opened(client, name)[2]
                    found += imap_folder.fetched(
                        client, client.search(asked)[:20], imap_folder.HEAD, name, kind, validity
                    )
            return found

    def trace(self, id: str, day: date, is_it: Callable[[Stored], bool]) -> Stored | None:
        """By its id, else in each folder among what came that day."""
        with self._imap.session() as client:
            try:
                return imap_folder.one(client, id, imap_folder.HEAD)
            except NotDone:
                pass
            for name, kind in sorted(imap_folder.folders(client), key=lambda each: each[1] is not Kind.INBOX):
                validity = imap_folder.opened(client, name)[2]
                uids = client.search(["SINCE", day - timedelta(days=1), "BEFORE", day + timedelta(days=2)])
                for message in imap_folder.fetched(
                    client, uids[-10 * MOST_SCANNED :], imap_folder.HEAD, name, kind, validity
                ):
                    if is_it(message):
                        return message
            return None

    def arrived(self, folder: str, cursor: str) -> Arrived:
        """What has a higher UID; after a new UIDVALIDITY, what came later than the last one seen."""
        with self._imap.session() as client:
            opened = client.select_folder(folder, readonly=True)
            validity, following = int(opened[b"UIDVALIDITY"]), int(opened.get(b"UIDNEXT", 0))
            then = Cursor.read(cursor)
            if then is None:
                last = client.fetch(sorted(client.search(["ALL"]))[-1:], ["INTERNALDATE"])
                at = max((imap_folder.utc(said[b"INTERNALDATE"]) for said in last.values()), default=NEVER)
                return Arrived((), Cursor(str(validity), following, at).text())
            if then.space == str(validity):
                wanted = [
                    uid for uid in client.search(["UID", f"{then.following}:*"]) if uid >= then.following
                ]
            else:
                wanted = client.search(["SINCE", (then.at - timedelta(days=1)).date()])
            dated = client.fetch(sorted(wanted)[:MOST_NEW], ["INTERNALDATE"]) if wanted else {}
            new = {uid: imap_folder.utc(said[b"INTERNALDATE"]) for uid, said in dated.items()}
            if then.space != str(validity):
                new = {uid: at for uid, at in new.items() if at > then.at}
            reached = max([following if len(wanted) <= MOST_NEW else 0, *(uid + 1 for uid in dated)])
            at = max([then.at, *new.values()])
            return Arrived(
                tuple(imap_folder.named(validity, uid, folder) for uid in sorted(new)),
                Cursor(str(validity), reached, at).text(),
            )

    def wait(self, folder: str, seconds: float) -> None:
        """IDLE where the server has it, else time alone."""
        with self._imap.session() as client:
            if not client.has_capability("IDLE"):
                time.sleep(seconds)
                return
            client.select_folder(folder, readonly=True)
            client.idle()
            client.idle_check(timeout=seconds)
            client.idle_done()

    def _found(self, client: IMAPClient, mid: str, kinds: Sequence[Kind]) -> Stored | None:
        for kind in kinds:
            for name in imap_folder.names(client, kind):
                validity = imap_folder.opened(client, name)[2]
                uids = client.search(["HEADER", "Message-ID", mid])
                if not uids:
                    newest = sorted(client.search(["ALL"]))[-10 * MOST_SCANNED :]
                    asked = ["UID", f"{newest[0]}:*", "HEADER", OURS, mid] if newest else []
                    uids = client.search(asked) if asked else []
                if uids:
                    return imap_folder.fetched(client, [max(uids)], imap_folder.WHOLE, name, kind, validity)[
                        0
                    ]
        return None

    def _appended(self, client: IMAPClient, kind: Kind, raw: bytes, flags: Sequence[bytes]) -> str:
        name = imap_folder.of_kind(client, kind)
        said = client.append(name, raw, flags=flags)
        return imap_folder.placed(client, said, "APPENDUID", name)
