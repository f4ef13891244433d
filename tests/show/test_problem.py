import json

from counterfoil.show.problem import problem, problem_json
from counterfoil.terms.error import SourceError

GONE = SourceError("no-repository", "/tmp/\x1b[31mx is no git repository", hint="Name a folder with a .git.")


def test_a_problem_is_two_lines_that_steer_no_terminal() -> None:
    assert problem(GONE) == "error: /tmp/\\x1b[31mx is no git repository\nhint: Name a folder with a .git.\n"


def test_a_problem_as_json_has_its_stable_code() -> None:
    error = json.loads(problem_json(GONE))["error"]
    assert error["code"] == "no-repository"
    assert set(error) == {"code", "message", "hint"}
