"""Signs people in through their organisation's identity provider: authorisation code with PKCE.

Source: OpenID Connect Core 1.0 (3.1, 5.3); RFC 7636 (PKCE); RFC 9207 (issuer in the answer); RFC 9700.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from counterfoil.app.door.fetched import fetched, is_safe
from counterfoil.app.door.identity import Claims, Expected, claims_of, identity_in, unfit
from counterfoil.terms.error import SourceError

LASTS_SECONDS = 600
MOST_BEGUN = 10_000
"""Attempts that wait for their answer; one more forgets the oldest."""
DESCRIBED_SECONDS, KEYS_SECONDS = 3600, 60
AT_ONCE = 8
"""Answers that are looked into at a time: a provider that hangs holds no more threads than these."""
SCOPES = {"email": "openid email", "preferred_username": "openid profile", "sub": "openid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What a provider knows this server as."""

    issuer: str
    id: str
    secret: str | None
    claim: str
    """The claim by which people are known in this organisation's tables."""
    back: str
    """Where the provider sends people back to."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send somebody, and what their browser has to show when they come back."""

    address: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who came back, and where they wanted to go."""

    identity: str
    onward: str


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt to sign in; only the browser that began it can end it, once."""

    cookie: str
    """The hash of what the browser has to show."""
    nonce: str
    verifier: str
    onward: str
    until: float


class Provider:
    """An identity provider, as it describes itself."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._begun: OrderedDict[str, _Attempt] = OrderedDict()
        self._lock, self._few = Lock(), BoundedSemaphore(AT_ONCE)
        self._described: tuple[float, Mapping[str, Any]] = (0.0, {})
        self._keys: tuple[float, KeySet | None] = (0.0, None)

    def __len__(self) -> int:
        return len(self._begun)

    def begin(self, onward: str) -> Begun:
        """Begin an attempt.

        Raises: SourceError where the provider does not answer.
        """
        to = self._address("authorization_endpoint")
        state, cookie, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
        attempt = _Attempt(_hashed(cookie), nonce, verifier, onward, time.monotonic() + LASTS_SECONDS)
        with self._lock:
            self._begun[_hashed(state)] = attempt
            while len(self._begun) > MOST_BEGUN:
                self._begun.popitem(last=False)
        asked = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": self.client.back,
            "scope": SCOPES[self.client.claim],
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        return Begun(f"{to}{'&' if urlsplit(to).query else '?'}{urlencode(asked)}", cookie)

    def finish(self, told: Mapping[str, str], cookie: str) -> Arrived:
        """Who came back; whatever comes of it, the attempt is over.

        Raises: SourceError where nobody did.
        """
        with self._lock:
            attempt = self._begun.pop(_hashed(told.get("state", "")), None)
        if attempt is None or time.monotonic() >= attempt.until:
            raise unfit("this attempt was never begun here, or is over")
        if not hmac.compare_digest(attempt.cookie, _hashed(cookie)):
            raise unfit("another browser began this attempt")
        if not self._few.acquire(timeout=1):
            raise unfit("too many people come at once")
        try:
            return Arrived(self._identity(told, attempt), attempt.onward)
        finally:
            self._few.release()

    def _identity(self, told: Mapping[str, str], attempt: _Attempt) -> str:
        issuer, required = told.get("iss"), "authorization_response_iss_parameter_supported"
        if (issuer is not None or self._description().get(required)) and issuer != self.client.issuer:
            raise unfit("another provider sent it")
        if "error" in told or not told.get("code"):
            raise unfit("nobody was signed in there")
        given = self._exchanged(told["code"], attempt.verifier)
        token, access = given.get("id_token"), given.get("access_token")
        if not isinstance(token, str):
            raise unfit("there is no ID token")
        claims = self._claims(token, attempt.nonce)
        if self.client.claim not in claims and isinstance(access, str):
            claims = self._told_apart(claims, access)
        identity = identity_in(claims, self.client.claim)
        if identity is None:
            raise unfit(f"it has no {self.client.claim} that counts; an e-mail address has to be verified")
        return identity

    def _exchanged(self, code: str, verifier: str) -> Mapping[str, Any]:
        """What a code is good for, once."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.back,
            "code_verifier": verifier,
        }
        headers: dict[str, str] = {}
        ways = self._description().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if self.client.secret is None:
            form["client_id"] = self.client.id
        elif "client_secret_basic" in ways:
            pair = f"{quote(self.client.id, safe='')}:{quote(self.client.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self.client.id, "client_secret": self.client.secret}
        return fetched(self._address("token_endpoint"), form, headers)

    def _claims(self, token: str, nonce: str) -> Claims:
        """What the token says; keys are fetched anew, at most once a minute, where none of them fits."""
        expected = Expected(issuer=self.client.issuer, client=self.client.id, nonce=nonce)
        try:
            return claims_of(token, self._key_set(), expected)
        except JoseError:
            keys = self._key_set(fresh=True)
        try:
            return claims_of(token, keys, expected)
        except JoseError as error:
            raise unfit(error.error) from error

    def _told_apart(self, claims: Claims, access: str) -> Claims:
        """The claims with those that the provider tells apart from the token, of the same person."""
        address = self._description().get("userinfo_endpoint")
        if not isinstance(address, str):
            return claims
        more = fetched(address, headers={"Authorization": f"Bearer {access}"})
        if more.get("sub") != claims["sub"]:
            raise unfit("two answers are about two people")
        return {**more, **claims}

    def _description(self) -> Mapping[str, Any]:
        """What the provider says of itself; remembered for an hour.

        Source: OpenID Connect Discovery 1.0, 4.3: its issuer has to be the one that was asked.
        """
        at, known = self._described
        if not known or time.monotonic() > at + DESCRIBED_SECONDS:
            known = fetched(f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration")
            if known.get("issuer") != self.client.issuer:
                raise unfit("the provider calls itself otherwise than --oidc-issuer")
            self._described = (time.monotonic(), known)
        return known

    def _address(self, name: str) -> str:
        address = self._description().get(name)
        if not isinstance(address, str) or not is_safe(address):
            raise unfit(f"the provider names no {name} that is safe")
        return address

    def _key_set(self, *, fresh: bool = False) -> KeySet:
        at, known = self._keys
        age = time.monotonic() - at
        if known is None or age > DESCRIBED_SECONDS or (fresh and age > KEYS_SECONDS):
            found = fetched(self._address("jwks_uri"))
            try:
                known = KeySet.import_key_set({"keys": [k for k in found["keys"] if _is_public(k)]})
            except (JoseError, KeyError, TypeError, ValueError, AttributeError) as error:
                raise unfit("the provider's keys can't be read") from error
            self._keys = (time.monotonic(), known)
        return known


def check_client(client: Client) -> None:
    """Stop where a provider could not be asked safely.

    Raises: SourceError.
    """
    if not is_safe(client.issuer) or set(client.issuer) & set("?#@"):
        hint = "name it as the provider does, such as https://login.example.org"
        raise SourceError("issuer-unsafe", "--oidc-issuer is no https:// address", hint=hint)


def _is_public(key: Any) -> bool:
    """Whether a key verifies signatures of a kind that counts."""
    return isinstance(key, dict) and key.get("kty") in {"RSA", "EC", "OKP"} and key.get("use", "sig") == "sig"


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
