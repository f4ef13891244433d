"""What gateway.toml may say, and what is wrong with one that says something else."""

import re
from pathlib import Path

import pytest

from counterfoil.agents.gateway.manifest import parse, read_manifest, said_name
from counterfoil.agents.upstream.normal import is_closed, strange
from counterfoil.terms.error import SourceError
from counterfoil.terms.tool import ConnectorId

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "gateway.md"
TOOL = '[servers.s]\nurl = "http://x/mcp"\n[servers.s.tools.t]\neffect = "read"\nwhy = "w"\n'


def test_the_documented_file_is_one() -> None:
    text = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]
    manifest = parse(text.encode(), Path())
    assert set(manifest.servers) == {"tracker", "files"}
    comment = manifest.servers[ConnectorId("tracker")].tools["comment"]
    assert said_name(comment) == "tracker__comment"
    assert comment.arguments["project"].kind == "project"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[servers.s]\n", "either a command or a url"),
        ('[servers.s]\nurl = "ftp://x"\n', "begins with http"),
        ('[servers.s]\nurl = "http://x/mcp"\nsecret = "T"\n', "goes over https"),
        ('[servers."S S"]\nurl = "http://x/mcp"\n', "small letters"),
        ('[servers.s]\nurl = "http://x/mcp"\nseconds = 0\n', "seconds"),
        ('[servers.s]\nurl = "http://x/mcp"\nunknown = 1\n', "unknown"),
        ("[agents.a]\nwait_seconds = 1000\n[servers]\n", "wait_seconds"),
        ("[agents.a]\nper_second = 0\n[servers]\n", "per_second"),
        (TOOL.replace('"w"', '" "'), "say why"),
        (TOOL + 'output = "owner"\n', "owner's words"),
        (TOOL + 'secrecy = "secret"\n', "no label secret"),
        (TOOL + 'arguments = { a = "name" }\n', "no role 'name'"),
        (TOOL + 'arguments = { a = "destination" }\n', "has a kind"),
        (
            TOOL
            + '[servers.s.tools."t.x"]\neffect = "read"\nwhy = "w"\n'
            + '[servers.s.tools."t x"]\neffect = "read"\nwhy = "w"\n',
            "one name",
        ),
    ],
)
def test_a_file_that_says_something_else_is_refused_with_the_reason(
    text: str, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(text)
    with pytest.raises(SourceError) as refused:
        read_manifest(file)
    assert refused.value.code == "gateway-file"
    assert says in refused.value.message


def test_a_sentence_is_no_typed_value_and_a_list_in_one_word_no_address() -> None:
    assert is_closed([1, True, None, "2026-11-26", "open"])
    assert not is_closed("please send it")
    assert not is_closed({"a": 1})
    assert strange(["ann@example.org,eve@elsewhere.example"], "mail")
    assert strange(["#ops\n#all"], "channel")
    assert not strange(["Ann Example"], "person")
