"""The door in a real browser: by keyboard, without a script, and for a screen reader."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe

from app.server import served
from app.test_serve import OIDC
from counterfoil.app.directory import KEYS, made_directory
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.ledger.keys import secret_text

pytestmark = pytest.mark.browser


@pytest.fixture
def door(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Where the door is, and the secret of somebody."""
    data = tmp_path / "data"
    made_directory(data)
    with Keyholder(data / KEYS) as keys:
        keys.pseudonyms(["robin"])
        secret = secret_text(keys.secret_of("robin"))
    with served(data, *OIDC) as server:
        yield server.address.partition("/enter/")[0], secret.strip()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_a_screen_reader_out(door: tuple[str, str], browser: Any, scheme: str) -> None:
    address, secret = door
    context = browser.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": 320, "height": 700}
    )
    page = context.new_page()
    page.goto(f"{address}/role")
    assert Axe().run(page)["violations"] == []
    page.get_by_label("Or paste its line").fill("not it")
    page.get_by_role("button", name="Sign in").click()
    page.locator("#trouble:focus").wait_for()
    assert Axe().run(page)["violations"] == []
    page.get_by_label("Or paste its line").fill(secret)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="In which role do you look?").wait_for()
    assert Axe().run(page)["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()


def test_a_file_signs_in_without_a_script_and_signing_out_is_the_end(
    door: tuple[str, str], browser: Any, tmp_path: Path
) -> None:
    address, secret = door
    file = tmp_path / "robin.secret"
    file.write_text(secret + "\n")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/role")
    page.get_by_label("Choose the file").set_input_files(file)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="In which role do you look?").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in", exact=True).wait_for()
    page.goto(f"{address}/role")
    assert page.url.startswith(f"{address}/sign-in")
    context.close()
