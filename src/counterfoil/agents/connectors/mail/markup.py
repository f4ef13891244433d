"""The text that a person would see of an HTML mail, and a word of what was left out."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

MOST_MARKUP = 2**20
"""Letters of markup that are read at all."""
MOST_LINK = 300
MOST_RULES = 200
_NEVER = (
    "script,style,template,head,title,svg,math,iframe,object,embed,applet,video,audio,canvas,noscript,select"
)
_BLOCKS = "p,div,tr,li,h1,h2,h3,h4,h5,h6,blockquote,table,pre,hr,section,article,header,footer,ul,ol,dl,dt,dd"
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
    """What an HTML mail says to the eye, and words for what of it was left out."""
    left = []
    if len(markup) > MOST_MARKUP:
        markup = markup[:MOST_MARKUP]
        left.append("the end of a very long formatted text")
    tree = LexborHTMLParser(markup)
    hidden = list(_hidden_by_rules(tree))
    pictures = len(tree.css("img"))
    scripts = len(tree.css("script"))
    tree.strip_tags([*_NEVER.split(","), "img"], recursive=True)
    hidden += [node for node in tree.css("[style],[hidden],font[color]") if _hides(node)]
    said = sum(1 for node in hidden if node.parent is not None and node.text(deep=True).strip())
    for node in hidden:
        node.decompose()
    body = tree.body
    if body is None:
        return "", left
    _spread(tree)
    if said:
        left.append(f"{said} pieces of text that the eye would not see")
    if scripts:
        left.append(f"{scripts} scripts")
    if pictures:
        left.append(f"{pictures} pictures, none of them fetched")
    return body.text(deep=True), left


def _spread(tree: LexborHTMLParser) -> None:
    """Keep apart what is set apart, and say where a link leads."""
    for node in tree.css("br"):
        node.replace_with("\n")
    for node in tree.css(_BLOCKS):
        node.insert_before("\n")
        node.insert_after("\n")
    for node in tree.css("td,th"):
        node.insert_after("\t")
    for node in tree.css("a[href]"):
        href = (node.attributes.get("href") or "").strip()
        if href.lower().startswith(("http://", "https://")) and node.text(deep=True).strip() != href:
            node.insert_after(f" ({href[:MOST_LINK]})")


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
