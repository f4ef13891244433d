"""What an invented employee wrote of their agents, as the files that an owner would keep."""

from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
SCRIPT = ".script.toml"
NOTES: Mapping[str, str] = {
    "Monday": "Priya asked for the numbers on Tuesday evening. She wants them a day before the review.",
    "Tuesday": "A mail claimed to be the paper mill's billing. Theirs is orders@paper-mill.example.",
}
"""What the agent that keeps notes knows before its first night."""


def written(**filled: str) -> Mapping[str, str]:
    """Every file by its name, definitions and scripts, with what is only known once a place is made."""
    found = {one.name: one.read_text("utf-8") for one in (HERE / "agents").glob("*.toml")}
    for name, value in filled.items():
        found = {file: text.replace(f"@{name}@", value) for file, text in found.items()}
    return dict(sorted(found.items()))


def ceiling() -> str:
    """What the invented company lets any agent do."""
    return (HERE / "ceiling.toml").read_text("utf-8")
