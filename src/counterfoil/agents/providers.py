"""The providers of models that are set up: where each is reached in a region, and where its key lies."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from counterfoil.agents.runtime.models import Place
from counterfoil.terms.error import SourceError

FILE = "providers.toml"
MOST_KEY = 10_000
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
OTHERS = 0o077
NONE = "none"
"""What is sent as a key to a server of one's own that wants none."""


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[providers]]` of `providers.toml`."""

    provider: str
    """As models name it: `anthropic`, `openai`, or any name for something that speaks like one of them."""
    region: str
    """Where it runs, as ceilings name it; that this is so is the operator's word."""
    base_url: str = ""
    """Its address; its own where nothing is said."""
    speaks: Literal["", "openai", "anthropic"] = ""
    """Like which provider it is asked, where its name does not say so."""
    key_env: str = ""
    """The environment variable that has its key."""
    key_file: str = ""
    """The file that has its key, beside this one; nobody else may be able to read it."""


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    providers: tuple[Provider, ...] = ()


@dataclass(frozen=True, slots=True)
class Providers:
    """What is set up; a key is read when it is needed, is in no definition, and shows itself nowhere."""

    folder: Path
    set_up: Sequence[Provider] = ()
    around: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    @classmethod
    def of(cls, folder: Path) -> "Providers":
        """Those of the agents' folder; none where it has no file of them.

        Raises: SourceError where the file can't be taken.
        """
        return cls.read(folder / FILE) if (folder / FILE).exists() else cls(folder)

    @classmethod
    def read(cls, file: Path) -> "Providers":
        """Those of a file.

        Raises: SourceError where it can't be taken.
        """
        try:
            told = msgspec.convert(tomllib.loads(file.read_text("utf-8")), type=_File).providers
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise _wrong(file, f"can't be read ({type(error).__name__})") from error
        except msgspec.ValidationError as error:
            raise _wrong(file, str(error)) from error
        for number, one in enumerate(told):
            if why := _unsound(one):
                raise _wrong(file, f"providers[{number}] {why}")
        names = [(one.provider, one.region) for one in told]
        if len(set(names)) != len(names):
            raise _wrong(file, "has the same provider twice in a region")
        return cls(file.parent, told)

    def place(self, provider: str, region: str) -> Place | None:
        """Where a provider is reached in a region; nothing where nobody set it up.

        Raises: SourceError where its key is not there.
        """
        for one in self.set_up:
            if (one.provider, one.region) == (provider, region):
                return Place(key=self._key(one), url=one.base_url, speaks=one.speaks)
        return None

    def _key(self, one: Provider) -> str:
        """The key.

        Raises: SourceError where it is not there, or others can read it.
        """
        if one.key_env:
            key = self.around.get(one.key_env, "").strip()
            hint = f"set {one.key_env} where the agents' process is started"
        elif one.key_file:
            key, hint = self._written(self.folder / one.key_file), f"write it into {one.key_file}"
        else:
            return NONE
        if not key or len(key) > MOST_KEY or not key.isprintable():
            said = f"there is no key for {one.provider} in {one.region}"
            raise SourceError("provider-key", said, hint=hint)
        return key

    def _written(self, file: Path) -> str:
        try:
            if file.stat().st_mode & OTHERS:
                raise SourceError("provider-key", f"others can read {file}", hint=f"run: chmod 600 {file}")
            return file.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(
                "provider-key", f"{file} can't be read", hint="name a file with a key"
            ) from error


def _unsound(one: Provider) -> str:
    where = urlsplit(one.base_url)
    if not one.provider or not one.region or ":" in one.provider or "@" in one.provider + one.region:
        return "has no provider and region as models name them"
    if one.key_env and one.key_file:
        return "has its key in two places"
    if one.base_url and (where.scheme not in {"https", "http"} or not where.hostname or where.username):
        return "has a base_url that is no address"
    if one.base_url and where.scheme == "http" and where.hostname not in LOOPBACK:
        return "would be asked for all to read; use https"
    return ""


def _wrong(file: Path, why: str) -> SourceError:
    return SourceError("providers-wrong", f"{file}: {why}", hint="see docs/reference/agent-providers.md")
