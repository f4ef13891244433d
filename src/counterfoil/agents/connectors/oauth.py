"""Short-lived tokens from a permission that lasts, and one clear state for when it was taken back."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

import httpx2

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.service import secret_at, secure

MOST_ANSWER = 64 * 2**10
EARLY_SECONDS = 60.0


class Tokens:
    """Access tokens for one account, fetched when needed, kept in memory alone.

    Source: RFC 6749 sections 5.2 and 6.
    """

    def __init__(
        self,
        *,
        url: str,
        client: str,
        secret: str,
        refresh: str,
        system: str,
        over: Callable[[], NotDone],
        scope: str = "",
        keep: Callable[[str, str], None] = lambda before, after: None,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """`over` says that the owner's permission holds no longer.

        `keep` gets the lasting permission that it kept last, and each new one that comes with a token.
        """
        secret_at(system, url)
        self._url, self._client, self._secret, self._refresh = url, client, secret, refresh
        self._system, self._over, self._scope, self._keep, self._now = system, over, scope, keep, now
        self._token, self._until, self._lock, self._kept = "", 0.0, Lock(), refresh

    def __repr__(self) -> str:
        return f"Tokens({self._system})"

    def token(self, *, stale: str = "") -> str:
        """A token that is valid now, another one than `stale`.

        Raises: NotDone where none is to be had.
        """
        with self._lock:
            if not self._token or self._token == stale or self._now() > self._until - EARLY_SECONDS:
                self._token = ""
                self._fetch()
            return self._token

    def tried(self, use: Callable[[str], bool]) -> None:
        """Use a token, and a new one where it was refused.

        Raises: NotDone where both were, or none is to be had.
        """
        token = self.token()
        if not use(token) and not use(self.token(stale=token)):
            raise self._over()

    def _fetch(self) -> None:
        if not self._refresh:
            raise self._over()
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh, "client_id": self._client}
        if self._secret:
            form["client_secret"] = self._secret
        if self._scope:
            form["scope"] = self._scope
        try:
            with httpx2.Client(timeout=30.0, follow_redirects=False, verify=secure()) as http:
                answer = http.post(self._url, data=form, headers={"Accept": "application/json"})
            said = answer.json() if len(answer.content) <= MOST_ANSWER else {}
        except (httpx2.HTTPError, ValueError) as error:
            raise self._none(type(error).__name__) from error
        said = said if isinstance(said, dict) else {}
        if answer.status_code in {400, 401} and str(said.get("error")) in {
            "invalid_grant",
            "interaction_required",
        }:
            raise self._over()
        token, lasts = said.get("access_token"), said.get("expires_in", 300)
        if answer.status_code != 200 or not isinstance(token, str) or not token.isascii() or "\x01" in token:
            raise self._none(str(answer.status_code))
        self._token = token
        self._until = self._now() + (float(lasts) if isinstance(lasts, int | float) else 300.0)
        renewed = said.get("refresh_token")
        if isinstance(renewed, str) and renewed:
            self._refresh = renewed
        if self._refresh != self._kept:
            self._keep(self._kept, self._refresh)
            self._kept = self._refresh

    def _none(self, why: str) -> NotDone:
        return NotDone(
            f"{self._system}-no-token",
            f"No token was to be had for {self._system} ({why}); nothing was done.",
            hint="Try again later.",
        )
