"""Checks what an identity provider signed: whose it is, for whom, for which attempt, and until when."""

import hmac
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet
from joserfc.util import to_bytes

from counterfoil.terms.error import SourceError

ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
"""Each with a public key: neither no signature nor one by a shared secret is any."""
LEEWAY_SECONDS = 60
CLAIMS = ("email", "sub", "preferred_username")
Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a token has to say."""

    issuer: str
    client: str
    nonce: str


def claims_of(token: str, keys: KeySet, expected: Expected) -> Claims:
    """What a provider says of whoever signed in, once all of it holds.

    Raises: SourceError where it does not; JoseError where no key of the set can have signed it.
    """
    claims = _signed(token, keys)
    registry = jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True},
    )
    try:
        registry.validate(dict(claims))
    except JoseError as error:
        raise unfit(error.error) from error
    nonce, party = claims["nonce"], claims.get("azp")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise unfit("it is for another attempt")
    if party is None and isinstance(claims["aud"], list) and len(claims["aud"]) > 1:
        raise unfit("it is for several programs")
    if party is not None and party != expected.client:
        raise unfit("it is for another program")
    return claims


def identity_in(claims: Claims, claim: str) -> str | None:
    """Who somebody is by one claim; an e-mail address counts only where the provider has verified it."""
    found = claims.get(claim)
    if not isinstance(found, str) or not found:
        return None
    return None if claim == "email" and claims.get("email_verified") is not True else found


def unfit(why: str) -> SourceError:
    """What was sent does not sign anybody in."""
    hint = "begin again; if it stays so, tell whoever runs this server"
    return SourceError("sign-in-unfit", f"what the identity provider sent does not hold: {why}", hint=hint)


def _signed(token: str, keys: KeySet) -> Claims:
    try:
        header = jws.extract_compact(to_bytes(token)).protected
        with warnings.catch_warnings():
            if header.get("alg") == "EdDSA":
                # The name is deprecated (RFC 9864), and providers go on to use it.
                warnings.simplefilter("ignore", SecurityWarning)
            return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except JoseError:
        raise
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise unfit("it can't be read") from error
