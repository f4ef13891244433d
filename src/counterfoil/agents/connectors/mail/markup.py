"""The text that a person would see of an HTML mail, and a word of what was left out."""

import re
from collections import Counter
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

MOST_MARKUP = 2**20
"""Letters of markup that are read at all."""
MOST_LINK = 300
MOST_RULES = 200
MOST_LETTERS = 100_000
MOST_DEPTH = 5_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
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
_COUNTED = {
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


def visible(markup: str) -> tuple[str, list[str]]:
    """What an HTML mail says to the eye, and words for what of it was left out.

    The tree is only read: however deep it is, one look at each node is all.
    """
    left = []
    if len(markup) > MOST_MARKUP:
        markup = markup[:MOST_MARKUP]
        left.append("the end of a very long formatted text")
    if (end := _too_deep(markup)) >= 0:
        markup = markup[:end]
        left.append("everything after where it was nested too deep")
    tree = LexborHTMLParser(markup)
    hidden = {node.mem_id for node in _hidden_by_rules(tree)}
    said: list[str] = []
    count = Counter[str]()
    waiting: list[LexborNode | str] = [tree.body] if tree.body is not None else []
    letters = 0
    while waiting and letters < MOST_LETTERS:
        node = waiting.pop()
        if isinstance(node, str):
            said.append(node)
            continue
        if node.next is not None and node.tag != "body":
            waiting.append(node.next)
        tag = node.tag or ""
        if node.is_text_node:
            said.append(node.text_content or "")
            letters += len(said[-1])
        elif tag in _COUNTED:
            count[tag] += 1
        elif tag not in _NEVER and node.is_element_node:
            if node.mem_id in hidden or _hides(node):
                count["hidden"] += 1
                continue
            before, after = _around(node)
            said.append(before)
            waiting.append(after)
            if node.first_child is not None:
                waiting.append(node.first_child)
    for what, words in _COUNTED.items():
        if count[what]:
            left.append(f"{count[what]} {words}")
    return "".join(said), left


def _too_deep(markup: str) -> int:
    """Where more is open than any mail needs, or -1: to parse what is deeper takes for ever."""
    depth = 0
    for tag in _TAG.finditer(markup):
        depth += -1 if tag[1] else 0 if tag[2].lower() in _VOID else 1
        if depth > MOST_DEPTH:
            return tag.start()
    return -1


def _around(node: LexborNode) -> tuple[str, str]:
    """What keeps apart what is set apart, and where a link leads."""
    inside = node.first_child
    if node.tag in _BLOCKS:
        return "\n", "" if node.tag in {"br", "hr"} else "\n"
    if node.tag in {"td", "th"}:
        return "", "\t"
    href = (node.attributes.get("href") or "").strip() if node.tag == "a" else ""
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


def _hides(node: LexborNode) -> bool:
    attributes = node.attributes
    if "hidden" in attributes:
        return True
    if node.tag == "font":
        return _squeezed(attributes.get("color") or "") in _WHITE
    says = _squeezed(attributes.get("style") or "")
    if _HIDING.search(says):
        return True
    colour, ground = _COLOUR.search(says), _BACKGROUND.search(says)
    if colour is None:
        return False
    paint = colour[2].removesuffix("!important")
    behind = ground[3].removesuffix("!important") if ground else "white"
    return paint == behind or (paint in _WHITE and behind in _WHITE)


def _squeezed(text: str) -> str:
    return re.sub(r"/\*.*?\*/|\s+", "", text[:4000], flags=re.S).lower()
