"""The pages at the door: every field is shown, nothing is fetched, words stay words."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from jinja2 import Environment, meta

from counterfoil.show import site
from counterfoil.show.sign_in import ROLE_WORDS, ArrivedPage, RolePage, SignInPage, TurnedAwayPage, role_page
from counterfoil.show.site import rendered
from counterfoil.terms.ask import Role

TEMPLATES = Path(site.__file__).parent / "templates"
EVIL = "\"><script>alert('x')</script>"
PAGES = {
    "sign in": rendered(
        SignInPage(title="Sign in", trouble=EVIL, hint=EVIL, csrf=EVIL, onward=EVIL, provider=EVIL)
    ),
    "arrived": rendered(ArrivedPage(title="You are signed in", onward=EVIL)),
    "role": rendered(role_page(roles=list(Role), now=Role.DPO, csrf=EVIL, onward=EVIL)),
    "away": rendered(TurnedAwayPage(title=EVIL, says=EVIL, hint=EVIL)),
}


@pytest.mark.parametrize("kind", [SignInPage, ArrivedPage, RolePage, TurnedAwayPage])
def test_the_template_shows_every_field_of_the_page_and_nothing_else(
    kind: type[SignInPage | ArrivedPage | RolePage | TurnedAwayPage],
) -> None:
    environment = Environment()
    sources = ((TEMPLATES / name).read_text("utf-8") for name in ("door.html.j2", kind.template))
    used = {name for text in sources for name in meta.find_undeclared_variables(environment.parse(text))}
    assert used == {field.name for field in fields(kind)}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_nothing_is_fetched_and_words_stay_words(name: str) -> None:
    page = PAGES[name]
    assert "<script" not in page and not re.search(r"\son\w+=", page)
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//|url\(|@import", page)
    assert page.count("<h1") == 1 and '<html lang="en">' in page


def test_every_role_has_words() -> None:
    assert set(ROLE_WORDS) == set(Role)
    assert PAGES["role"].count(" checked") == 1
