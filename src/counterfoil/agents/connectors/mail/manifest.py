"""What each tool of a mailbox does and how far its answer can be trusted, with the reason."""

from collections.abc import Mapping
from types import MappingProxyType

from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.tool import ArgumentRole, ArgumentSpec, ConnectorId, EffectClass, Tool

MAIL = ConnectorId("mail")
_ID = ArgumentSpec(role=ArgumentRole.SELECTOR)
_FOLDER = ArgumentSpec(role=ArgumentRole.SELECTOR)
_TYPED = ArgumentSpec(role=ArgumentRole.TYPED)
_TEXT = ArgumentSpec(role=ArgumentRole.TEXT)
_WHOM = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="mail")
_WHERE = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="folder")
_LETTER = {"to": _WHOM, "cc": _WHOM, "bcc": _WHOM, "subject": _TEXT, "body": _TEXT}
_LISTED = ("messages.*.id", "messages.*.at", "messages.*.flags", "messages.*.folder", "more")


def _tool(
    name: str,
    effect: EffectClass,
    arguments: Mapping[str, ArgumentSpec],
    why: str,
    *,
    typed: tuple[str, ...],
    secrecy: Secrecy = Secrecy.INTERNAL,
    reversible: bool = True,
) -> Tool:
    return Tool(
        connector=MAIL,
        name=name,
        effect=effect,
        reversible=reversible,
        arguments=dict(arguments),
        output=Integrity.UNTRUSTED,
        secrecy=secrecy,
        typed=typed,
        why=why,
    )


_ALL = (
    _tool(
        "folders",
        EffectClass.READ,
        {},
        "Folders are named by the owner, and counted by the mailbox; nobody who writes a mail chooses them.",
        typed=("folders.*.name", "folders.*.kind", "folders.*.messages", "folders.*.unseen"),
        secrecy=Secrecy.PRIVATE,
    ),
    _tool(
        "messages",
        EffectClass.READ,
        {"folder": _FOLDER, "unseen": _TYPED, "before": _FOLDER, "limit": _TYPED},
        "The mailbox itself makes ids, times of arrival and flags; sender, subject, size and Message-ID are "
        "as whoever wrote the mail wants them.",
        typed=_LISTED,
        secrecy=Secrecy.PRIVATE,
    ),
    _tool(
        "search",
        EffectClass.READ,
        {
            "folder": _FOLDER,
            "text": _TEXT,
            "sender": _TEXT,
            "since": _TYPED,
            "until": _TYPED,
            "unseen": _TYPED,
            "before": _FOLDER,
            "limit": _TYPED,
        },
        "What is looked for goes to the mailbox alone, which has all mail anyway; it answers as `messages`.",
        typed=_LISTED,
        secrecy=Secrecy.PRIVATE,
    ),
    _tool(
        "read",
        EffectClass.READ,
        {"id": _ID},
        "Every word of a mail is somebody else's, addresses, list headers and names of attachments included; "
        "it is read without marking it as seen.",
        typed=("id", "at", "flags", "folder"),
        secrecy=Secrecy.PRIVATE,
    ),
    _tool(
        "draft",
        EffectClass.DRAFT,
        _LETTER,
        "It lies in the owner's Drafts, where the owner alone sees it and can throw it away.",
        typed=("id", "digest"),
    ),
    _tool(
        "draft_reply",
        EffectClass.DRAFT,
        {"id": _ID, **_LETTER},
        "As `draft`, in the thread of a message; whom it is for is said, never taken from the message.",
        typed=("id", "digest"),
    ),
    _tool(
        "update_draft",
        EffectClass.DRAFT,
        {"id": _ID, "digest": _TYPED, **_LETTER},
        "Only a draft that an agent laid and no person has changed since; the one before goes to the trash.",
        typed=("id", "digest"),
    ),
    _tool(
        "move",
        EffectClass.ARRANGE,
        {"id": _ID, "folder": _WHERE},
        "The owner's own folders; it can be moved back.",
        typed=("id",),
    ),
    _tool(
        "mark",
        EffectClass.ARRANGE,
        {"id": _ID, "flag": _TYPED, "on": _TYPED},
        "A flag that the owner alone sees and can take off.",
        typed=("id",),
    ),
    _tool(
        "archive",
        EffectClass.ARRANGE,
        {"id": _ID},
        "Out of the inbox and kept; it can be moved back.",
        typed=("id",),
    ),
    _tool(
        "trash",
        EffectClass.ARRANGE,
        {"id": _ID},
        "To the trash, from where it can be moved back until the mailbox empties it; nothing is deleted.",
        typed=("id",),
    ),
    _tool(
        "send",
        EffectClass.SEND,
        {"draft": _ID, **_LETTER},
        "It can't be called back. The whole text and everybody whom it reaches, hidden copies included, are "
        "arguments, also where a draft is sent: else its words would go out without their labels.",
        typed=("id",),
        reversible=False,
    ),
    _tool(
        "reply",
        EffectClass.SEND,
        {"id": _ID, **_LETTER},
        "As `send`, in the thread of a message, to nobody who was not in it; nothing of it is quoted.",
        typed=("id",),
        reversible=False,
    ),
)
TOOLS: Mapping[str, Tool] = MappingProxyType({tool.name: tool for tool in _ALL})
REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "folders": (),
        "messages": ("folder",),
        "search": ("folder",),
        "read": ("id",),
        "draft": ("body",),
        "draft_reply": ("id", "body"),
        "update_draft": ("id", "digest", "body"),
        "move": ("id", "folder"),
        "mark": ("id", "flag", "on"),
        "archive": ("id",),
        "trash": ("id",),
        "send": ("to", "subject", "body"),
        "reply": ("id", "to", "subject", "body"),
    }
)
