"""The words of an HTML mail."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

MOST_LETTERS = 300_000
# A tree is made in quadratic time where it is deep; no mail that people write is.
DEEPEST = 300
_BLOCKS = frozenset(
    {"p", "div", "section", "article", "blockquote", "pre", "hr", "table", "tr"}
    | {"ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6"}
)
_KEPT = _BLOCKS | {"a", "br", "td", "th"}
# Elements without an end, and those whose end browsers infer.
_SHALLOW = frozenset(
    {"br", "hr", "img", "meta", "link", "input", "col", "p", "li", "dt", "dd", "tr", "td", "th"}
    | {"option", "html", "head", "body", "tbody", "thead", "tfoot", "area", "base", "wbr", "source"}
)
_DATA = re.compile(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=\s]*")
_TAG = re.compile(r"<[^<>]*>")
_OPENING = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_EMPTIED = {"script", "style", "title", "noscript", "template"}


def to_text(html: str) -> str:
    """Return what an HTML text says: blocks on lines, quotes behind ``>``, links written out.

    nh3 makes a well-formed tree of a few known elements of whatever it is given, as browsers do.
    """
    import nh3

    html = _DATA.sub("", html)[:MOST_LETTERS]
    if _depth(html) > DEEPEST:
        return " ".join(unescape(_TAG.sub(" ", html)).split())
    tidy = nh3.clean(
        html,
        tags=set(_KEPT),
        clean_content_tags=_EMPTIED,
        attributes={"a": {"href"}},
        link_rel=None,
        url_schemes={"http", "https", "mailto"},
    )
    writer = _Writer()
    writer.feed(tidy)
    writer.close()
    return writer.text()


def _depth(html: str) -> int:
    """Return how deep elements may lie in each other at most."""
    depth = deepest = 0
    for end, name in _OPENING.findall(html):
        if name.lower() not in _SHALLOW:
            depth = max(0, depth - 1) if end else depth + 1
            deepest = max(deepest, depth)
    return deepest


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line = ""
        self._quotes = 0
        self._verbatim = 0
        self._links: list[tuple[str, int]] = []

    def text(self) -> str:
        self._break()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._break(keep_empty=True)
        elif tag in _BLOCKS:
            self._break()
            if tag in ("p", "blockquote") or tag[0] == "h":
                self._space()
        elif tag in ("td", "th") and self._line.strip():
            self._line += " "
        if tag == "blockquote":
            self._quotes += 1
        elif tag == "pre":
            self._verbatim += 1
        elif tag == "li":
            self._line = "- "
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self._line)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            target, start = self._links.pop()
            shown = self._line[start:].strip()
            if shown and target.startswith("http") and shown.rstrip("/") != target.rstrip("/"):
                self._line += f" <{target}>"
        if tag in _BLOCKS:
            self._break()
            if tag == "p":
                self._space()
        if tag == "blockquote":
            self._quotes -= 1
        elif tag == "pre":
            self._verbatim -= 1

    def handle_data(self, data: str) -> None:
        if self._verbatim:
            first, *rest = data.split("\n")
            self._line += first
            for line in rest:
                self._break(keep_empty=True)
                self._line = line
            return
        words = " ".join(data.split())
        if data[:1].isspace() and self._line and not self._line.endswith(" "):
            self._line += " "
        self._line += words + (" " if words and data[-1:].isspace() else "")

    def _break(self, *, keep_empty: bool = False) -> None:
        line = self._line.rstrip()
        # A link never spans lines in the text; where it began on the old line is forgotten.
        self._links = [(target, 0) for target, _ in self._links]
        self._line = ""
        if line or keep_empty:
            self._lines.append("> " * min(self._quotes, 9) + line)

    def _space(self) -> None:
        if self._lines and self._lines[-1].strip("> "):
            self._lines.append(("> " * min(self._quotes, 9)).rstrip())
