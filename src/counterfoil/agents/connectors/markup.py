"""The text that a person would see of a mail or a page in HTML, and a word of what was left out."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

MOST_MARKUP = 2**21
"""Letters of markup that are read at all."""
MOST_LINK, MOST_LINKS = 300, 100
MOST_RULES = 200
MOST_LETTERS = 100_000
MOST_DEPTH = 5_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_SHALLOW = _VOID | {"p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "option", "colgroup"}
"""What ends by itself where the next of its kind begins, so that what is around it says how deep it is."""
_NEVER = frozenset(
    {
        "style",
        "template",
        "head",
        "title",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "applet",
        "video",
        "audio",
    }
    | {"canvas", "noscript", "select"}
)
LEFT_OUT = {
    "hidden": "pieces of text that the eye would not see",
    "script": "scripts",
    "img": "pictures, none of them fetched",
}
_BLOCKS = frozenset(
    {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "pre", "hr"}
    | {"section", "article", "header", "footer", "ul", "ol", "dl", "dt", "dd"}
)
_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{0,2000})\}")
_HIDING = re.compile(
    r"(^|[;\s])(display:none|visibility:(hidden|collapse)|mso-hide:all|opacity:0*\.?0*(?![\d.])"
    r"|font-size:0*[01]?(\.\d+)?(px|pt|em|rem|%)?(?![\d.])"
    r"|(max-)?(height|width):0*[01]?(px)?(?![\d.%])"
    r"|text-indent:-\d{3,}|(left|top|right|margin-left|margin-top):-\d{3,}|clip:rect\(0|clip-path:inset\((50|100)%"
    r"|transform:scale\(0|color:transparent|color:rgba\([^)]*,0*\.?0*\))"
)
_COLOUR = re.compile(r"(^|;)color:([^;]+)")
_BACKGROUND = re.compile(r"(^|;)background(-color)?:([^;]+)")
_WHITE = {"#fff", "#ffffff", "white", "rgb(255,255,255)", "#fefefe"}


@dataclass(slots=True, kw_only=True)
class Shown:
    """What is said to the eye, and what else was there."""

    title: str = ""
    parts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    """Where those lead that can be seen, as they are written."""
    pieces: Counter[str] = field(default_factory=Counter)
    """What was left out, by its kind, as `LEFT_OUT` names it."""
    letters: int = 0
    hidden: int = 0
    """Letters that nobody would see, those of scripts and comments among them."""
    cut: list[str] = field(default_factory=list)
    """What was not read at all, in words."""

    @property
    def text(self) -> str:
        """The words, with what is set apart on lines of its own."""
        return "".join(self.parts)


def shown(markup: str, *, mail: bool = False, quotes: bool = True) -> Shown:
    """What something written in HTML says, with or without what it quotes.

    In a mail where a link leads stands beside it, and the ground is white; the ground of a page is not known.
    The tree is only read: however deep it is, one look at each node is all.
    """
    found = Shown()
    if len(markup) > MOST_MARKUP:
        markup = markup[:MOST_MARKUP]
        found.cut.append("the end of a very long formatted text")
    if (end := _too_deep(markup)) >= 0:
        markup = markup[:end]
        found.cut.append("everything after where it was nested too deep")
    tree = LexborHTMLParser(markup)
    named = tree.head.css_first("title") if tree.head is not None else None
    found.title = named.text() if named is not None else ""
    rules = {node.mem_id for node in _hidden_by_rules(tree)}
    waiting: list[tuple[LexborNode | str, bool]] = [(tree.body, False)] if tree.body is not None else []
    while waiting and found.letters < MOST_LETTERS:
        node, unseen = waiting.pop()
        if isinstance(node, str):
            found.parts.append(node)
            continue
        if node.next is not None and node.tag != "body":
            waiting.append((node.next, unseen))
        if not node.is_element_node:
            _say(found, node, unseen=unseen)
            continue
        if not unseen:
            kind = _left_out(node, rules, mail=mail)
            unseen = bool(kind) or (node.tag == "blockquote" and not quotes)
            found.pieces.update([kind] if kind in LEFT_OUT else ())
        if not unseen:
            before, after = _around(node, found, mail=mail)
            found.parts.append(before)
            waiting.append((after, False))
        if node.first_child is not None:
            waiting.append((node.first_child, unseen))
    if waiting:
        found.cut.append("the end of a very long text")
    return found


def _say(found: Shown, node: LexborNode, *, unseen: bool) -> None:
    text = node.text_content or ""
    if unseen or not node.is_text_node:
        found.hidden += len(((node.comment_content or "") if node.is_comment_node else text).strip())
    else:
        found.parts.append(text)
        found.letters += len(text)


def _left_out(node: LexborNode, rules: Collection[int], *, mail: bool) -> str:
    """Why nothing of an element is seen; empty where it is."""
    tag = node.tag or ""
    if tag in _NEVER or tag in LEFT_OUT:
        return tag
    return "hidden" if node.mem_id in rules or _hides(node, mail=mail) else ""


def _too_deep(markup: str) -> int:
    """Where more is open than any mail needs, or -1: to parse what is deeper takes for ever."""
    depth = 0
    for tag in _TAG.finditer(markup):
        if tag[2].lower() not in _SHALLOW:
            depth += -1 if tag[1] else 1
        if depth > MOST_DEPTH:
            return tag.start()
    return -1


def _around(node: LexborNode, found: Shown, *, mail: bool) -> tuple[str, str]:
    """What keeps apart what is set apart, and where a link of a mail leads."""
    inside = node.first_child
    if node.tag in _BLOCKS:
        return "\n", "" if node.tag in {"br", "hr"} else "\n"
    if node.tag in {"td", "th"}:
        return "", "\t"
    href = (node.attributes.get("href") or "").strip() if node.tag == "a" else ""
    if href and len(found.links) < MOST_LINKS:
        found.links.append(href)
    if not mail:
        return "", ""
    own = inside is not None and inside.is_text_node and (inside.text_content or "").strip() == href
    return "", f" ({href[:MOST_LINK]})" if href.lower().startswith(
        ("http://", "https://")
    ) and not own else ""


def _hidden_by_rules(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    """What the mail's own style sheets hide."""
    sheets = "".join(node.text(deep=True)[:100_000] for node in tree.css("style")[:20])
    for number, (selector, says) in enumerate(_RULE.findall(re.sub(r"/\*.*?\*/", "", sheets, flags=re.S))):
        if number >= MOST_RULES:
            return
        if _HIDING.search(_squeezed(says)) and not selector.strip().startswith("@"):
            try:
                yield from tree.css(selector.strip())
            except (SelectolaxError, ValueError):
                continue


def _hides(node: LexborNode, *, mail: bool) -> bool:
    attributes = node.attributes
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    if node.tag == "font" and mail:
        return _squeezed(attributes.get("color") or "") in _WHITE
    says = _squeezed(attributes.get("style") or "")
    if _HIDING.search(says):
        return True
    colour, ground = _COLOUR.search(says), _BACKGROUND.search(says)
    if colour is None:
        return False
    paint = colour[2].removesuffix("!important")
    behind = ground[3].removesuffix("!important") if ground else "white" if mail else ""
    return paint == behind or (paint in _WHITE and behind in _WHITE)


def _squeezed(text: str) -> str:
    return re.sub(r"/\*.*?\*/|\s+", "", text[:4000], flags=re.S).lower()
