"""Makes plausible Python and TypeScript of an invented shop; no two statements are alike."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from random import Random

from counterfoil.simulate.histories.vocabulary import ERRORS, FIELDS, NOUNS, QUALITIES, VERBS


class Part(Enum):
    """What a line is to its function: only the three statement parts are ever rewritten."""

    FIXED = 0
    SIMPLE = 1
    OPENER = 2
    INNER = 3


@dataclass(slots=True)
class Line:
    """One line with its identity: the change that wrote it and the function it stands in."""

    text: str
    part: Part = Part.FIXED
    subject: str = ""
    """The variable that statements of this function are about."""
    block: int = 0
    """The function it stands in; 0 for a file's head."""
    change: int = -1
    """Number of the change that wrote it."""

    @property
    def is_code(self) -> bool:
        """At least two letters or digits."""
        return sum(c.isalnum() for c in self.text) >= 2


class Coder:
    """Writes functions and statements, remembering every statement so that none comes twice."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._seen: set[str] = set()
        self._blocks = 0

    def name(self) -> str:
        """A function name that no other function has."""
        return self._fresh(
            lambda r: (
                f"{r.choice(VERBS)}_{r.choice(QUALITIES)}_{r.choice(NOUNS)}"
                + ("" if r.random() < 0.7 else f"_{r.choice(('by', 'for', 'per'))}_{r.choice(NOUNS)}")
            )
        )

    def head(self, path: str) -> list[Line]:
        """The first lines of a new file."""
        stem = path.rsplit("/", 1)[-1].split(".")[0]
        area = path.split("/")[-2]
        if path.endswith(".ts"):
            return [Line(t) for t in (f"import {{ log }} from '../lib/log-{area}-{stem}';",)]
        return [
            Line(t)
            for t in (
                f'"""The {stem.replace("_", " ")} of the {area}."""',
                "",
                "import logging",
                "",
                f'log = logging.getLogger("{area}.{stem}")',
            )
        ]

    def function(self, path: str, name: str, statements: int) -> list[Line]:
        """A whole function, led by blank lines, with about so many statement lines."""
        self._blocks += 1
        typescript = path.endswith(".ts")
        subject = self._random.choice(NOUNS)
        body = self._body(typescript, subject, statements)
        lines = _typescript(name, subject, body) if typescript else _python(name, subject, body)
        return [Line(t, part, subject, self._blocks) for t, part in lines]

    def again(self, line: Line) -> Line:
        """Another statement in place of this one, of the same part and indent."""
        indent = line.text[: len(line.text) - len(line.text.lstrip())]
        typescript = line.text.rstrip().endswith((";", "{"))
        text = self._statement(typescript, line.subject, line.part)
        return Line(indent + text, line.part, line.subject, line.block)

    def _body(self, typescript: bool, subject: str, statements: int) -> Iterator[tuple[str, Part]]:
        indent = "  " if typescript else "    "
        left = statements
        while left > 0:
            if left > 2 and self._random.random() < 0.3:
                yield indent + self._statement(typescript, subject, Part.OPENER), Part.OPENER
                yield 2 * indent + self._statement(typescript, subject, Part.INNER), Part.INNER
                if typescript:
                    yield indent + "}", Part.FIXED
                left -= 2
            else:
                yield indent + self._statement(typescript, subject, Part.SIMPLE), Part.SIMPLE
                left -= 1

    def _statement(self, typescript: bool, subject: str, part: Part) -> str:
        templates = _STATEMENTS[typescript, part]
        return self._fresh(lambda r: _filled(r.choice(templates), r, subject))

    def _fresh(self, make: Callable[[Random], str]) -> str:
        while True:
            text = make(self._random)
            key = "".join(text.split()).lower().replace("'", '"')
            if key not in self._seen:
                self._seen.add(key)
                return text


def _python(name: str, subject: str, body: Iterator[tuple[str, Part]]) -> Iterator[tuple[str, Part]]:
    words = name.replace("_", " ")
    yield "", Part.FIXED
    yield "", Part.FIXED
    yield f"def {name}({subject}, settings):", Part.FIXED
    yield f'    """{words.capitalize()}."""', Part.FIXED
    yield from body
    yield f"    return {subject}.closed(by={name.upper()!r})".replace("'", '"'), Part.FIXED


def _typescript(name: str, subject: str, body: Iterator[tuple[str, Part]]) -> Iterator[tuple[str, Part]]:
    first, *rest = name.split("_")
    camel = first + "".join(word.capitalize() for word in rest)
    yield "", Part.FIXED
    yield f"export function {camel}({subject}: Item, settings: Settings): Item {{", Part.FIXED
    yield from body
    yield f"  return {{ ...{subject}, closedBy: '{camel}' }};", Part.FIXED
    yield "}", Part.FIXED


def _filled(template: str, random: Random, subject: str) -> str:
    words = f"{random.choice(QUALITIES)} {random.choice(NOUNS)}"
    return template.format(
        s=subject,
        w=words,
        v=words.replace(" ", "_"),
        f=random.choice(FIELDS),
        g=random.choice(FIELDS),
        e=random.choice(ERRORS),
        k=random.randint(2, 960),
    )


_STATEMENTS = {
    (False, Part.SIMPLE): (
        "{v} = sum(part.{f} * part.{g} for part in {s}.parts[:{k}])",
        '{v} = settings.get("{f}.{g}", {k})',
        "{v} = [part for part in {s}.parts if part.{f} >= {k}]",
        '{s}.{f} = round({s}.{g} * settings["{v}"], 2) + {k}',
        'log.info("{w} passed step {k}", extra={{"{f}": {s}.{f}}})',
    ),
    (False, Part.OPENER): (
        'if {s}.{f} < {k} and not settings.get("{v}"):',
        'for part in {s}.parts_with("{v}", at_least={k}):',
    ),
    (False, Part.INNER): (
        'raise {e}("{w}: {f} is out of range, see {k}")',
        '{s}.{f} += settings.get("{v}", {k})',
    ),
    (True, Part.SIMPLE): (
        "const {v}{k} = {s}.parts.reduce((sum, part) => sum + part.{f} * {k}, 0);",
        "const {v}{k} = settings.{f} ?? {s}.{g} - {k};",
        "const {v}{k} = {s}.parts.filter((part) => part.{f} >= {k});",
        "log.debug('{w} at step {k}', {{ {f}: {s}.{f} }});",
        "{s}.{f} = Math.round({s}.{g} * settings.{v}) + {k};",
    ),
    (True, Part.OPENER): ("if ({s}.{f} < {k} && !settings.{v}) {{",),
    (True, Part.INNER): (
        "throw new {e}('{w}: {f} is out of range, see {k}');",
        "{s}.{f} = Math.min({s}.{g}, settings.{v}) - {k};",
    ),
}
"""Templates: s the subject, v a variable, w the same in words, f and g fields, e an error, k a number."""
