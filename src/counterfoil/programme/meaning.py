"""What each section and field of a programme means: the words that stand below it in terms."""

import ast
import inspect
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from itertools import pairwise


def section_means(noun: type) -> str:
    """The first sentence on a noun.

    Example:
    >>> from counterfoil.terms.programme import About
    >>> section_means(About)
    'What the programme is.'
    """
    return (noun.__doc__ or "").split("\n")[0]


@cache
def field_means(noun: type) -> Mapping[str, str]:
    """What stands below each field of a noun, its bases' fields first.

    Example:
    >>> from counterfoil.terms.programme import About
    >>> field_means(About)["ends"]
    'Its last day, unless it is agreed anew.'
    """
    said = {
        name: words
        for parent in noun.__bases__
        if is_dataclass(parent)
        for name, words in field_means(parent).items()
    }
    (tree,) = ast.parse(inspect.cleandoc(inspect.getsource(noun))).body
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    for node, after in pairwise(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            said[node.target.id] = _text(after)
    return said


def _text(node: ast.stmt) -> str:
    value = node.value if isinstance(node, ast.Expr) else None
    return " ".join(str(value.value).split()) if isinstance(value, ast.Constant) else ""
