"""The page for HR in a real browser: by keyboard alone, without scripts, narrow, dark, printed."""

import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
AMAZON = ROOT / "examples" / "programmes" / "amazon-2026.toml"
IMAGES = ROOT / "docs" / "images"
MOST_TABS = 120
pytestmark = pytest.mark.browser


@pytest.fixture
def tab(web_tab: Any) -> Any:
    """A page without scripts that asks nobody else, in light and in dark."""
    return web_tab


def tab_to(tab: Any, wanted: str) -> None:
    """Press the tabulator until an element has the focus, and see that the focus can be seen."""
    for _ in range(MOST_TABS):
        tab.keyboard.press("Tab")
        if tab.locator(f"{wanted}:focus").count():
            return
    raise AssertionError(f"no way by keyboard to {wanted}")


def outline(tab: Any) -> str:
    return str(tab.evaluate("getComputedStyle(document.activeElement).outlineStyle"))


def test_the_whole_path_by_keyboard_alone(tab: Any) -> None:
    tab.keyboard.press("Tab")
    assert tab.locator("a.skip:focus").is_visible()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**#content")
    tab_to(tab, "[name=name]")
    assert outline(tab) == "solid"
    tab.keyboard.press("Control+a")
    tab.keyboard.type("Our plan")
    tab_to(tab, "[name=person][value=board]")
    tab.keyboard.press("Space")
    tab_to(tab, "[name=target]")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowDown")
    assert tab.locator("[name=target][value=share]").is_checked()
    tab_to(tab, "button.main")
    assert outline(tab) == "solid"
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", level=1, name="Our plan").wait_for()
    assert tab.get_by_text("It puts people in an order.").count() == 1
    tab_to(tab, "button[formaction='/change']")
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", level=2, name="Twenty questions").wait_for()
    assert tab.locator("[name=person][value=board]").is_checked()
    assert tab.locator("[name=target][value=share]").is_checked()
    tab_to(tab, "button.main")
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", name="What would change").wait_for()
    tab_to(tab, "#programme button.main")
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", level=2, name="The programme file").wait_for()
    assert tab.locator(".lead").inner_text().startswith("Nothing here will hurt people or the number")
    tab_to(tab, "button[formaction='/letter']")
    with tab.context.expect_page() as opening:
        tab.keyboard.press("Enter")
    letter = opening.value
    letter.get_by_text("Dear colleagues,").wait_for()
    assert letter.locator("form, button").count() == 0


def test_a_wrong_file_is_told_where_the_focus_is_and_an_example_ends_passing(
    tab: Any, tmp_path: Path
) -> None:
    wrong = tmp_path / "plan.toml"
    wrong.write_text("[about]\nname = 3\n", "utf-8")
    tab.get_by_label("Choose the file").set_input_files(wrong)
    tab.get_by_role("button", name="Show what this file does to people").click()
    tab.locator("#trouble:focus").wait_for()
    assert tab.title().startswith("Not yet: ")
    tab.get_by_role("link", name="plan.toml: line 2, about.name is 3").click()
    assert tab.get_by_label("Or paste its text").input_value() == "[about]\nname = 3\n"
    tab.get_by_label("Choose the file").set_input_files(AMAZON)
    tab.get_by_role("button", name="Show what this file does to people").click()
    tab.get_by_text("10 things will hurt people or the number; 5 are worth a look.").wait_for()
    tab.get_by_role("button", name="Check the repaired programme").click()
    tab.get_by_role("heading", name="Left to do").wait_for()
    assert tab.get_by_role("heading", name="Will hurt people or the number").count() == 0
    for name, file in (
        ("Download the file", "programme.toml"),
        ("Download as text (letter to staff)", "letter.txt"),
    ):
        with tab.expect_download() as download:
            tab.get_by_role("button", name=name).click()
        assert download.value.suggested_filename == file
    tab.get_by_role("button", name="Change the file").click()
    assert '"Amazon 2026, as reported"' in tab.get_by_label("Or paste its text").input_value()


@pytest.mark.parametrize("width", [320, 400])
def test_nothing_is_wider_than_a_telephone(tab: Any, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 800})

    def fits() -> bool:
        return int(tab.evaluate("document.documentElement.scrollWidth")) <= width

    assert fits()
    tab.get_by_label("Or paste its text").fill("[about]\nname = 3\n")
    tab.get_by_role("button", name="Show what this file does to people").click()
    tab.locator("#trouble:focus").wait_for()
    assert fits()
    tab.get_by_label("Or paste its text").fill(AMAZON.read_text("utf-8"))
    tab.get_by_role("button", name="Show what this file does to people").click()
    tab.get_by_role("heading", name="What would change").wait_for()
    assert fits()


def test_it_prints_without_what_can_only_be_clicked(tab: Any) -> None:
    tab.get_by_label("Or paste its text").fill(AMAZON.read_text("utf-8"))
    tab.get_by_role("button", name="Show what this file does to people").click()
    tab.get_by_role("heading", name="What would change").wait_for()
    tab.wait_for_load_state()
    tab.emulate_media(media="print")
    assert not [b for b in tab.locator("button, nav, a.skip").all() if b.is_visible()]
    assert tab.evaluate("document.body.style.color") == ""
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert tab.evaluate("text.scrollHeight - text.clientHeight") < 5
    assert len(tab.pdf()) > 50_000


def test_a_screen_reader_hears_groups_questions_and_answers(tab: Any) -> None:
    heard = tab.locator("body").aria_snapshot()
    assert 'group "5 Who can see how much AI a single person used, besides that person?"' in heard
    assert 'checkbox "Everyone, as a board with places: first, second, third"' in heard
    assert 'radio "In the European Union" [checked]' in heard
    assert 'textbox "How many people does it cover?": "500"' in heard
    assert heard.count('group "') == 20
    for landmark in ("- banner:", "- main:", "- contentinfo:", '- form "Twenty questions"'):
        assert landmark in heard
    tab.get_by_label("Or paste its text").fill(AMAZON.read_text("utf-8"))
    tab.get_by_role("button", name="Show what this file does to people").click()
    tab.get_by_role("heading", name="What would change").wait_for()
    heard = tab.locator("body").aria_snapshot()
    for region in ("What it tells an employee", "Will hurt people or the number", "Letter to staff"):
        assert f'region "{region}"' in heard
    assert 'button "Open alone, to print the letter to staff"' in heard
    assert 'textbox "Text of the file"' in heard


def test_pictures_for_the_documents(browser: Any, web: str, tmp_path: Path) -> None:
    """`make pictures` renews what the documents show."""
    folder = IMAGES if os.environ.get("COUNTERFOIL_PICTURES") == "write" else tmp_path
    context = browser.new_context(color_scheme="light", viewport={"width": 900, "height": 760})
    opened = context.new_page()
    opened.goto(web)
    opened.screenshot(path=folder / "programme-questions.png")
    opened.get_by_label("Choose the file").set_input_files(AMAZON)
    opened.get_by_role("button", name="Show what this file does to people").click()
    opened.get_by_role("heading", name="What would change").wait_for()
    opened.screenshot(path=folder / "programme-result.png")
    context.close()
    for name in ("programme-questions.png", "programme-result.png"):
        assert 20_000 < (folder / name).stat().st_size < 200_000
