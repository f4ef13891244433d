"""Whether a delivery comes from the forge that it names, judged from its bytes before anything reads them."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

NEAR = timedelta(minutes=5)
"""How far a delivery's own time may be from this machine's clock.

Source: Standard Webhooks (standardwebhooks.com), 1.0.0, read 2026-11-26.
"""
SIGNING = "whsec_"
"""How a secret begins that only ever signs, and is never sent."""


class Forge(StrEnum):
    """Who delivers."""

    GITHUB = "github"
    GITLAB = "gitlab"


SIGNED_IN: Mapping[Forge, Sequence[str]] = {
    Forge.GITHUB: ("x-hub-signature-256",),
    Forge.GITLAB: ("webhook-signature", "x-gitlab-token"),
}
"""The headers that say who delivers, of which one has to be there."""


def is_genuine(
    forge: Forge, headers: Mapping[str, str], raw: bytes, secrets: Sequence[str], *, now: datetime
) -> bool:
    """Whether one of the secrets signed these bytes, or came with them; without secrets nothing is genuine.

    Every secret is tried whatever the others said, so that the time taken tells nothing.

    Source: GitHub, "Validating webhook deliveries"; GitLab, "Webhooks", signing token (merge request 230944);
    both read 2026-11-26.
    """
    check = _by_github if forge is Forge.GITHUB else _by_gitlab
    genuine = [check(headers, raw, secret, now) for secret in secrets]
    return any(genuine)


def delivery_of(forge: Forge, headers: Mapping[str, str]) -> str:
    """The number of a delivery, which stays when it is sent again; empty where there is none."""
    names = ("x-github-delivery",) if forge is Forge.GITHUB else ("webhook-id", "idempotency-key")
    return next((headers[name] for name in names if headers.get(name)), "")


def _by_github(headers: Mapping[str, str], raw: bytes, secret: str, now: datetime) -> bool:
    signed = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return _same(headers.get("x-hub-signature-256", ""), f"sha256={signed}")


def _by_gitlab(headers: Mapping[str, str], raw: bytes, secret: str, now: datetime) -> bool:
    if "webhook-signature" in headers:
        return _by_standard(headers, raw, secret, now)
    # A secret that signs is never sent: whoever sends it has it from somewhere else.
    return not secret.startswith(SIGNING) and _same(headers.get("x-gitlab-token", ""), secret)


def _by_standard(headers: Mapping[str, str], raw: bytes, secret: str, now: datetime) -> bool:
    id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not id or not (at.isascii() and at.isdigit() and len(at) < 12):
        return False
    if abs(now.timestamp() - int(at)) > NEAR.total_seconds():
        return False
    content = f"{id}.{at}.".encode("utf-8", "surrogateescape") + raw
    signed = base64.b64encode(hmac.new(_key(secret), content, hashlib.sha256).digest()).decode()
    same = [_same(one, f"v1,{signed}") for one in headers["webhook-signature"].split(" ")]
    return any(same)


def _key(secret: str) -> bytes:
    if secret.startswith(SIGNING):
        try:
            return base64.b64decode(secret.removeprefix(SIGNING), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def _same(told: str, known: str) -> bool:
    return hmac.compare_digest(told.encode("utf-8", "surrogatepass"), known.encode("utf-8", "surrogatepass"))
