"""What a generator puts into a text before it is Markdown: shortcodes and Liquid.

Those that name a picture, a film, a link or a piece of code become what they mean. Any other
stays in the text, to be seen as it was written, and is noted. Code is left alone.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cms.importing.content import Change, Note
from cms.importing.sources.markdown.site import Flavour

_CODE: Final = (
    r"^(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*?\n)??(?P=indent)?[ \t]*(?P=fence)[`~]*[ \t]*$"
    r"|(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n\n).)*?(?<!`)(?P=ticks)(?!`)"
)
_HUGO: Final = r"\{\{(?P<open>[<%])(?P<inside>.*?)(?:>|%)\}\}"
_ZOLA: Final = r"\{\{(?P<inside>[^{}]*?\(.*?\))\s*\}\}|\{%(?P<block>.*?)%\}"
_LIQUID: Final = r"\{\{(?P<inside>.*?)\}\}|\{%-?(?P<block>.*?)-?%\}"
_ARGUMENT: Final = re.compile(
    r"(?:([\w-]+)\s*[=:]\s*)?(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|`([^`]*)`|([^\s,()\"']+))"
)
_ATTRIBUTE_LIST: Final = re.compile(r"\n?[ \t]*\{:[^}\n]*\}[ \t]*$", re.MULTILINE)
_CONTENTS: Final = re.compile(r"^[*\-1.]+[ \t].*\n\{:[ ]?toc[^}\n]*\}[ \t]*$", re.MULTILINE)
_HIGHLIGHT: Final = {
    Flavour.JEKYLL: re.compile(
        r"\{%-?\s*highlight\s+([\w+#.-]+)[^%]*?-?%\}\n?(.*?)\{%-?\s*endhighlight\s*-?%\}", re.DOTALL
    ),
    Flavour.HUGO: re.compile(
        r"\{\{[<%]\s*highlight\s+\"?([\w+#.-]+)\"?.*?[>%]\}\}\n?(.*?)\{\{[<%]\s*/\s*highlight\s*[>%]\}\}",
        re.DOTALL,
    ),
}
_RAW: Final = re.compile(r"\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_COMMENT: Final = re.compile(r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}", re.DOTALL)
_SITE_ADDRESS: Final = re.compile(r"^site\.(?:baseurl|url)$")
_RELATIVE_URL: Final = re.compile(
    r"^[\"']([^\"']*)[\"']\s*\|\s*(?:relative_url|absolute_url|prepend:.*)$"
)

Arguments = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    arguments: Arguments

    def get(self, *names: str) -> str:
        return next((self.arguments[name] for name in names if self.arguments.get(name)), "")


def replace_shortcodes(text: str, flavour: Flavour, notes: list[Note], *, first_line: int) -> str:
    """The text as Markdown and HTML alone. `first_line` is its first line's number in the file."""
    if flavour is Flavour.JEKYLL:
        text = _without_attribute_lists(text, notes)
    if flavour is Flavour.PLAIN or ("{{" not in text and "{%" not in text):
        return text
    text = _unwrapped(text, flavour)
    forms = {Flavour.HUGO: _HUGO, Flavour.ZOLA: _ZOLA, Flavour.JEKYLL: _LIQUID}
    pattern = re.compile(f"(?P<code>{_CODE})|{forms[flavour]}", re.MULTILINE | re.DOTALL)

    def replace(match: re.Match[str]) -> str:
        if match.group("code"):
            return match.group(0)
        inside = match.groupdict().get("inside")
        block = match.groupdict().get("block")
        made = _made_of(flavour, inside, block)
        if made is not None:
            return made
        shown = match.group(0)
        line = first_line + text.count("\n", 0, match.start())
        message = f"“{shown[:120]}” is unknown here; it stands in the text as it was written."
        notes.append(Note(Change.CHANGED, "shortcode-unknown", message, f"line {line}"))
        return literal(shown)

    return pattern.sub(replace, text)


def _unwrapped(text: str, flavour: Flavour) -> str:
    """Pairs that hold code or nothing: code becomes a fence, a comment goes."""
    if flavour in _HIGHLIGHT:
        text = _HIGHLIGHT[flavour].sub(_fenced, text)
    if flavour is Flavour.JEKYLL:
        text = _COMMENT.sub("", text)
        text = _RAW.sub(lambda match: _escaped_braces(match.group(1)), text)
    return text


def _fenced(match: re.Match[str]) -> str:
    language, code = match.groups()
    longest = max(map(len, re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    ending = "" if code.endswith("\n") else "\n"
    is_first = match.start() == 0 or match.string[match.start() - 1] == "\n"
    return f"{'' if is_first else chr(10)}{fence}{language}\n{code}{ending}{fence}"


def _escaped_braces(text: str) -> str:
    """What stands between `raw` marks is no Liquid; inside of code an entity would be seen."""
    if "`" in text or "~~~" in text:
        return text
    return text.replace("{{", "&#123;&#123;").replace("{%", "&#123;%")


def _made_of(flavour: Flavour, inside: str | None, block: str | None) -> str | None:
    if flavour is Flavour.JEKYLL:
        return _liquid((inside or "").strip(), block)
    if block is not None:
        return None
    text = (inside or "").strip()
    if text.startswith("/*"):  # how Hugo shows a shortcode instead of running it
        shown = text.removeprefix("/*").removesuffix("*/").strip()
        return literal(f"{{{{< {shown} >}}}}")
    call = _call(text)
    maker = _MAKERS.get(call.name)
    return maker(call) if maker else None


def _call(text: str) -> _Call:
    found = re.match(r"[\w./-]+", text)
    name = found.group(0) if found else ""
    arguments: dict[str, str] = {}
    rest = text[len(name) :].strip().rstrip("/").strip("() ")
    for number, match in enumerate(_ARGUMENT.finditer(rest)):
        key, *values = match.groups()
        value = next((value for value in values if value is not None), "")
        arguments[key or str(number)] = value
    return _Call(name, arguments)


def _liquid(inside: str, block: str | None) -> str | None:
    if block is None:
        if _SITE_ADDRESS.match(inside):
            return ""
        relative = _RELATIVE_URL.match(inside)
        return relative.group(1) if relative else None
    words = block.split(None, 1)
    name, rest = [*words, "", ""][:2]
    rest = rest.strip().strip("\"'")
    if name == "post_url" and rest:
        return f"@/_posts/{rest}.md"
    if name == "link" and rest:
        return f"@/{rest.lstrip('/')}"
    return None


def _without_attribute_lists(text: str, notes: list[Note]) -> str:
    """Kramdown's `{:.class}` marks, which say how something looks."""
    if "{:" not in text:
        return text
    code = re.compile(
        f"(?P<code>{_CODE})|(?P<toc>{_CONTENTS.pattern})|{_ATTRIBUTE_LIST.pattern}",
        re.MULTILINE | re.DOTALL,
    )
    is_found = False

    def replace(match: re.Match[str]) -> str:
        nonlocal is_found
        if match.group("code"):
            return match.group(0)
        is_found = True
        # A heading's own name is what links lead to.
        name = re.search(r"#([\w.:-]+)", match.group(0))
        ending = "\n" * match.group(0).count("\n")
        return f" {{#{name.group(1)}}}{ending}" if name else ending

    text = code.sub(replace, text)
    if is_found:
        message = "Marks of the form {:…} for looks, and lists of contents, were left out."
        notes.append(Note(Change.DROPPED, "attribute-list", message))
    return text


def literal(text: str) -> str:
    """`text` such that Markdown and HTML show it as it stands."""
    return "".join(
        f"&#{ord(letter)};"
        if letter.isascii() and not letter.isalnum() and not letter.isspace()
        else letter
        for letter in text
    )


def _frame(url: str, title: str) -> str:
    return f'<iframe src="{html.escape(url)}" title="{html.escape(title)}"></iframe>'


def _figure(call: _Call) -> str | None:
    source = call.get("src", "path", "link", "0")
    if not source:
        return None
    alt = call.get("alt")
    caption = " ".join(filter(None, [call.get("title"), call.get("caption"), call.get("attr")]))
    image = f'<img src="{html.escape(source)}" alt="{html.escape(alt)}">'
    link = call.get("link")
    if link and link != source:
        image = f'<a href="{html.escape(link)}">{image}</a>'
    ending = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    return f"<figure>{image}{ending}</figure>"


def _youtube(call: _Call) -> str | None:
    video = call.get("id", "0")
    return _frame(f"https://www.youtube.com/embed/{video}", call.get("title")) if video else None


def _vimeo(call: _Call) -> str | None:
    video = call.get("id", "0")
    return _frame(f"https://player.vimeo.com/video/{video}", call.get("title")) if video else None


def _gist(call: _Call) -> str | None:
    url = call.get("url") or f"https://gist.github.com/{call.get('0')}/{call.get('1')}"
    return f'<script src="{html.escape(url.removesuffix(".js"))}.js"></script>'


def _tweet(call: _Call) -> str | None:
    number = call.get("id", "0")
    url = f"https://twitter.com/{call.get('user') or 'i/status'}/{number}"
    return f'<p><a href="{html.escape(url)}">{html.escape(url)}</a></p>' if number else None


def _reference(call: _Call) -> str | None:
    target = call.get("path", "0")
    path, mark, fragment = target.partition("#")
    if not path:
        return f"#{fragment}" if fragment else None
    return f"@/{path.lstrip('/')}{mark}{fragment}"


_MAKERS: Final[Mapping[str, Callable[[_Call], str | None]]] = {
    "figure": _figure,
    "img": _figure,
    "image": _figure,
    "youtube": _youtube,
    "vimeo": _vimeo,
    "gist": _gist,
    "tweet": _tweet,
    "x": _tweet,
    "ref": _reference,
    "relref": _reference,
}
