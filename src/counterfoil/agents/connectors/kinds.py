"""Every kind of account: what it needs, and the system that is opened with it."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from counterfoil.agents.accounts import Account, Kind, Place, Wanted
from counterfoil.agents.connectors.connector import Connector, NotDone
from counterfoil.agents.connectors.git.connector import Git
from counterfoil.agents.connectors.git.manifest import GIT
from counterfoil.agents.connectors.git.repository import Repository
from counterfoil.agents.connectors.github.connector import GitHub
from counterfoil.agents.connectors.github.manifest import GITHUB
from counterfoil.agents.connectors.gitlab.connector import GitLab
from counterfoil.agents.connectors.gitlab.manifest import GITLAB
from counterfoil.agents.connectors.mail.box import signed_out
from counterfoil.agents.connectors.mail.gmail import GmailBox
from counterfoil.agents.connectors.mail.graph import PREFER, GraphBox
from counterfoil.agents.connectors.mail.imap import ImapBox
from counterfoil.agents.connectors.mail.mail import Mail
from counterfoil.agents.connectors.mail.session import Imap
from counterfoil.agents.connectors.mail.smtp import Smtp
from counterfoil.agents.connectors.mail.web import Web as MailService
from counterfoil.agents.connectors.matrix.connector import Matrix
from counterfoil.agents.connectors.mcp.connector import Mcp
from counterfoil.agents.connectors.mcp.lines import Lines, Session
from counterfoil.agents.connectors.mcp.served import Served, served_in
from counterfoil.agents.connectors.oauth import Tokens
from counterfoil.agents.connectors.service import LOOPBACK, Service, revoked
from counterfoil.agents.connectors.slack.connector import Slack
from counterfoil.agents.connectors.teams.connector import Teams
from counterfoil.agents.connectors.web.connector import Web
from counterfoil.terms.error import SourceError
from counterfoil.terms.tool import ConnectorId

MAIL, SLACK, TEAMS, MATRIX, WEB = map(ConnectorId, ("mail", "slack", "teams", "matrix", "web"))
GOOGLE = "https://oauth2.googleapis.com/token"
MICROSOFT = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
GRAPH = "https://graph.microsoft.com/.default offline_access"
ADDRESS = Wanted(name="address", says="your mail address")
OAUTH = (
    Wanted(name="client", says="the client id of the application"),
    Wanted(name="client_secret", says="its secret", secret=True, may_be_empty=True),
    Wanted(name="refresh", says="the refresh token that it got for you", secret=True),
)
TOKEN_URL = Wanted(name="token_url", says="where OAuth hands out tokens", may_be_empty=True)
SECURITIES = ("tls", "starttls", "none")
WITH_PASSWORD = re.compile(r"[a-z+]+://[^/@]*:[^/@]*@", re.I)
TOKEN = Wanted(name="token", says="the token", secret=True)


def _tokens(
    account: Account, place: Place, url: str, system: str, over: Callable[[], NotDone], scope: str = ""
) -> Tokens:
    return Tokens(
        url=account.text("token_url") or url,
        client=account.text("client"),
        secret=account.text("client_secret"),
        refresh=account.text("refresh"),
        system=system,
        over=over,
        scope=scope,
        keep=partial(place.renew, "refresh"),
    )


def _mail_tokens(account: Account, place: Place, url: str, scope: str = "") -> Tokens:
    return _tokens(account, place, url, "mail", partial(signed_out, account.text("address")), scope)


def _security(account: Account, name: str, host: str) -> str:
    """How a line to a host is kept from others' eyes.

    Raises: SourceError where it is not, or nobody knows how it would be.
    """
    security = account.text(name).strip().lower()
    if security not in SECURITIES:
        raise SourceError("account-security", f"{name} is none of {', '.join(SECURITIES)}", hint="write tls")
    if security == "none" and host not in LOOPBACK:
        says = f"{name} would send the password to {host} for all to read"
        raise SourceError("account-security", says, hint="write tls or starttls")
    return security


def _imap(account: Account, place: Place) -> Connector:
    user, password = account.text("user") or account.text("address"), account.text("password")
    tokens = _mail_tokens(account, place, "") if account.text("refresh") else None
    if tokens is None and not password:
        hint = "enter the password, or what OAuth needs: token_url, client and refresh"
        raise SourceError("account-field", "neither a password nor a permission was entered", hint=hint)
    signs_in = account.text("smtp_sign_in") == "yes"
    imap = Imap(
        host=account.text("imap_host"),
        port=account.port("imap_port"),
        security=_security(account, "imap_security", account.text("imap_host")),
        user=user,
        password=password,
        tokens=tokens,
    )
    smtp = Smtp(
        host=account.text("smtp_host"),
        port=account.port("smtp_port"),
        security=_security(account, "smtp_security", account.text("smtp_host")),
        user=user if signs_in else "",
        password=password,
        tokens=tokens if signs_in else None,
    )
    return Mail(ImapBox(address=account.text("address"), imap=imap, smtp=smtp), secret=place.seal)


def _gmail(account: Account, place: Place) -> Connector:
    address = account.text("address")
    service = MailService(account.text("url"), _mail_tokens(account, place, GOOGLE), address=address)
    return Mail(GmailBox(service, address=address), secret=place.seal)


def _graph(account: Account, place: Place) -> Connector:
    address = account.text("address")
    tokens = _mail_tokens(account, place, MICROSOFT, GRAPH)
    service = MailService(account.text("url"), tokens, address=address, headers=PREFER)
    return Mail(GraphBox(service, address=address), secret=place.seal)


def _slack(account: Account, place: Place) -> Connector:
    return Slack(lambda: account.text("token"), url=account.text("url"))


def _teams(account: Account, place: Place) -> Connector:
    over = partial(revoked, "teams", "there is no permission, or no longer")
    tokens = _tokens(account, place, MICROSOFT, "teams", over, GRAPH)
    return Teams(tokens.token, url=account.text("url"), renewed=lambda stale: tokens.token(stale=stale))


def _matrix(account: Account, place: Place) -> Connector:
    inside = frozenset(account.text("inside").split())
    return Matrix(account.text("url"), lambda: account.text("token"), inside=inside)


def _github(account: Account, place: Place) -> Connector:
    return GitHub(
        Service("github", account.text("url"), lambda: account.text("token"), lambda said: said["message"])
    )


def _gitlab(account: Account, place: Place) -> Connector:
    return GitLab(
        Service("gitlab", account.text("url"), lambda: account.text("token"), lambda said: said["message"])
    )


def _git(account: Account, place: Place) -> Connector:
    repositories = {}
    for number, line in enumerate(filter(None, map(str.strip, account.text("repositories").splitlines()))):
        words = line.split()
        if len(words) < 2 or WITH_PASSWORD.match(words[1]):
            hint = "write a name and a URL, with no password in it; a token has a field of its own"
            raise SourceError("account-repositories", f"line {number + 1} names no repository", hint=hint)
        name, url, *environments = words
        refs = dict(one.partition("=")[::2] for one in environments)
        if not refs or not all(ref.startswith("refs/heads/") for ref in refs.values()):
            hint = "write: shop https://git.example.org/shop.git staging=refs/heads/staging"
            raise SourceError("account-repositories", f"line {number + 1} names no environment", hint=hint)
        mirror = place.folder / f"{number}.git"
        repositories[name] = Repository(url, mirror, refs, token=account.text("token"))
    return Git(repositories)


def _web(account: Account, place: Place) -> Connector:
    return Web()


def _url(default: str) -> Wanted:
    return Wanted(name="url", says="its address", default=default)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="imap",
            connector=MAIL,
            says="Mail over IMAP and SMTP",
            wants=(
                ADDRESS,
                Wanted(name="user", says="the name you sign in with", may_be_empty=True),
                Wanted(
                    name="password",
                    says="the password, best one for this alone; empty with OAuth",
                    secret=True,
                    may_be_empty=True,
                ),
                Wanted(name="imap_host", says="the host of IMAP"),
                Wanted(name="imap_port", says="its port", default="993"),
                Wanted(name="imap_security", says="tls, starttls, or none on this machine", default="tls"),
                Wanted(name="smtp_host", says="the host of SMTP"),
                Wanted(name="smtp_port", says="its port", default="465"),
                Wanted(name="smtp_security", says="tls, starttls, or none on this machine", default="tls"),
                Wanted(name="smtp_sign_in", says="yes, or no where it needs no name", default="yes"),
                TOKEN_URL,
                *(replace(one, may_be_empty=True) for one in OAUTH),
            ),
            built=_imap,
        ),
        Kind(
            name="gmail",
            connector=MAIL,
            says="Gmail",
            wants=(ADDRESS, *OAUTH, TOKEN_URL, _url("https://gmail.googleapis.com/gmail/v1/users/me")),
            built=_gmail,
        ),
        Kind(
            name="graph-mail",
            connector=MAIL,
            says="Mail at Microsoft 365",
            wants=(ADDRESS, *OAUTH, TOKEN_URL, _url("https://graph.microsoft.com/v1.0/me")),
            built=_graph,
        ),
        Kind(
            name="slack",
            connector=SLACK,
            says="Slack",
            wants=(
                TOKEN,
                _url("https://slack.com/api/"),
                Wanted(
                    name="signing_secret",
                    says="the signing secret of the app, where it sends events here",
                    secret=True,
                    may_be_empty=True,
                ),
            ),
            built=_slack,
        ),
        Kind(
            name="teams",
            connector=TEAMS,
            says="Microsoft Teams",
            wants=(
                *OAUTH,
                TOKEN_URL,
                _url("https://graph.microsoft.com/v1.0"),
                Wanted(
                    name="hooks",
                    says="the address at which Microsoft reaches this server, for mentions",
                    may_be_empty=True,
                ),
            ),
            built=_teams,
        ),
        Kind(
            name="matrix",
            connector=MATRIX,
            says="Matrix",
            wants=(
                TOKEN,
                Wanted(name="url", says="the address of the home server"),
                Wanted(name="inside", says="servers of the organisation, with spaces between"),
            ),
            built=_matrix,
        ),
        Kind(
            name="git",
            connector=GIT,
            says="Git repositories whose refs are environments",
            wants=(
                Wanted(
                    name="repositories",
                    says="a line for each: its name, its address, and environment=ref for each environment",
                ),
                Wanted(name="token", says="a token, over https", secret=True, may_be_empty=True),
            ),
            built=_git,
        ),
        Kind(
            name="github",
            connector=GITHUB,
            says="GitHub",
            wants=(TOKEN, _url("https://api.github.com")),
            built=_github,
        ),
        Kind(
            name="gitlab",
            connector=GITLAB,
            says="GitLab",
            wants=(TOKEN, _url("https://gitlab.com")),
            built=_gitlab,
        ),
        Kind(name="web", connector=WEB, says="Public pages of the web", wants=(), built=_web),
    )
}


def kinds_in(folder: Path) -> Mapping[str, Kind]:
    """Every kind of account, with the MCP servers that the operator wrote down in a folder.

    Raises: SourceError where that file can't be read.
    """
    taken = [*KINDS, *(kind.connector for kind in KINDS.values())]
    lines = Lines()
    served = served_in(folder, taken)
    return {**KINDS, **{id: _mcp(one, lines) for id, one in served.items()}}


def _mcp(served: Served, lines: Lines) -> Kind:
    def built(account: Account, place: Place) -> Connector:
        token = account.text("token")
        if not token.isascii() or not token.isprintable() or " " in token:
            raise SourceError("account-token", "it is no token", hint="enter it without spaces")
        name = f"{place.folder.name}-{secrets.token_hex(8)}"
        return Mcp(served, Session(served.server, name, token), lines)

    wants = (TOKEN,) if served.needs_token else ()
    # Nothing else tells an owner what there is to grant.
    says = f"{served.says}: {', '.join(served.server.tools)}"
    return Kind(name=served.server.id, connector=served.server.id, says=says, wants=wants, built=built)
