"""Every shell block in the documents runs and prints what the page shows, and every link leads somewhere."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shown import shown_in, unprinted

ROOT = Path(__file__).parents[2]
DOCS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
COURSE = ROOT / "docs" / "course"
WALKTHROUGHS = {
    ROOT / "docs" / name for name in ("agents.md", "cause.md", "is-the-number-true.md", "promise.md")
}


def blocks_of(doc: Path) -> list[tuple[str, list[str]]]:
    """Blocks and what they show; those of a course or a walkthrough go on from each other."""
    found = shown_in(doc.read_text("utf-8"))
    if COURSE in doc.parents or doc in WALKTHROUGHS:
        return [("".join(block for block, _ in found), [line for _, shown in found for line in shown])]
    return found


BLOCKS = [
    pytest.param(block, shown, id=f"{doc.relative_to(ROOT)}-{number}")
    for doc in DOCS
    for number, (block, shown) in enumerate(blocks_of(doc), start=1)
]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a new user has it."""
    folder = tmp_path_factory.mktemp("docs") / "clone"
    if (ROOT / ".git").exists():
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(folder)], check=True)
    else:
        shutil.copytree(ROOT, folder)
    return folder


@pytest.mark.parametrize(("block", "shown"), BLOCKS)
def test_shell_blocks_run(block: str, shown: list[str], clone: Path, tmp_path: Path) -> None:
    if (clone / ".git").exists():
        # What another block made is not there for a new user.
        subprocess.run(["git", "clean", "-fdxq"], cwd=clone, check=True)
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "COUNTERFOIL_CACHE": str(tmp_path / "cache"),
        "COUNTERFOIL_DATA": str(tmp_path / "data"),
    }
    command = ["timeout", "-k", "9", "400", "bash", "-euc", block]
    printed = tmp_path / "printed"
    with printed.open("w") as both:
        done = subprocess.run(command, cwd=clone, env=environment, stdout=both, stderr=both)
    said = printed.read_text("utf-8")
    assert done.returncode == 0, said
    assert "Traceback" not in said
    assert not unprinted(shown, said), said


@pytest.mark.parametrize("doc", [pytest.param(doc, id=str(doc.relative_to(ROOT))) for doc in DOCS])
def test_links_lead_somewhere(doc: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", doc.read_text("utf-8"))
    assert not [link for link in links if not (doc.parent / link).exists()]


def test_the_readme_has_at_most_150_lines() -> None:
    assert (ROOT / "README.md").read_text("utf-8").count("\n") <= 150


def test_every_metric_page_says_how_it_is_gamed_and_when_it_breaks() -> None:
    for page in sorted((ROOT / "docs" / "methods").glob("*.md")):
        text = page.read_text("utf-8").lower()
        assert all(word in text for word in ("source:", "gamed", "breaks")), page.name
        assert "formula" in text or "definition" in text, page.name
