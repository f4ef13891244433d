"""Nothing that an administrator does goes past the log: tokens and roles change in two places alone."""

import ast
from pathlib import Path

import counterfoil
from counterfoil.guard import roles, tokens
from counterfoil.guard.catalogue import sizes
from guard.organisation import gate, people_rows

SRC = Path(counterfoil.__file__).parent


def test_tokens_and_roles_are_changed_where_it_is_logged_and_nowhere_else() -> None:
    """Whoever keeps or forgets a token or a role does it in their own modules, after an entry."""
    kept = {tokens.KEPT, roles.KEPT}
    others = [
        f"{path.relative_to(SRC)}:{node.lineno}"
        for path in SRC.rglob("*.py")
        if path.name not in {"tokens.py", "roles.py"}
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") in {"keep", "forget"}
        and node.args
        and (
            (isinstance(node.args[0], ast.Constant) and node.args[0].value in kept)
            or ast.unparse(node.args[0]) in {"tokens.KEPT", "roles.KEPT"}
        )
    ]
    assert not others
    for module in (tokens, roles):
        tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                calls = [ast.unparse(n.func) for n in ast.walk(function) if isinstance(n, ast.Call)]
                changed = [name for name in calls if name in {"change.keep", "change.forget"}]
                assert not changed or "_logged" in calls, f"{module.__name__}.{function.name}"


def test_the_size_of_the_lake_is_that_of_its_files(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        people_rows(g, 24)
        found = {size.table: (size.files, size.rows, size.late) for size in sizes(g)}
    assert found["person"] == (1, 24, 0)
    assert found["membership"] == (1, 24, 0)
    assert found["usage_day"] == (0, 0, 0)
