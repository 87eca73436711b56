"""Reads an export file piece by piece: memory does not grow with the file.

The file comes from a stranger. Entities, document types and external references are refused
(defusedxml); so are a tag, a nesting or a set of names that only grows, since the parser would
have to keep it; the text of one item is bounded.
"""

import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ErrorString
from xml.parsers.expat.errors import codes

from defusedxml.common import DefusedXmlException, DTDForbidden
from defusedxml.ElementTree import DefusedXMLParser

from cms.importing.content import SourceBroken
from cms.importing.sources.wordpress.records import Channel, Record
from cms.importing.sources.wordpress.wxr_target import CONTROL_MARK, NotAnExport, WxrTarget

_PIECE_BYTES: Final = 64 * 1024
_MAX_TOKEN_BYTES: Final = 4 * 1024 * 1024
# Texts come in pieces; only a tag, a comment or an instruction is held, and scanned again, until it ends.
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_PACKED: Final = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ")
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_CUT_OFF: Final = {
    codes["no element found"],
    codes["unclosed token"],
    codes["unclosed CDATA section"],
    codes["partial character"],
}


class WxrReader:
    """One reading of a file from its beginning; `channel` is complete once it is at its end."""

    def __init__(self, path: Path) -> None:
        self.channel = Channel()
        self._path = path
        self._skipped_lines = 0
        self._encoding = "UTF-8"

    def records(self) -> Generator[Record, None, None]:
        """Authors, terms, comments and items in the order in which they end.

        Raises:
            SourceBroken: the file is no export, is cut off, damaged or dangerous.
        """
        parser: Any = None
        target = WxrTarget(self.channel, lambda: self._line(parser))
        parser = DefusedXMLParser(target=target, forbid_dtd=True)
        try:
            with self._path.open("rb") as file:
                fed = 0
                for piece in self._pieces(file):
                    fed += len(piece)
                    parser.feed(piece)
                    if fed - parser.parser.CurrentByteIndex > _MAX_TOKEN_BYTES:
                        raise SourceBroken(
                            f"Line {self._line(parser)}: a tag or a comment that does not end within 4 MB."
                        )
                    yield from target.take()
            parser.close()
        except OSError as problem:
            raise SourceBroken(
                f"{self._path.name} cannot be read: {problem.strerror}."
            ) from problem
        except NotAnExport as problem:
            raise SourceBroken(f"Line {self._line(parser)}: {problem}") from problem
        except DefusedXmlException as problem:
            raise SourceBroken(_danger(self._line(parser), problem)) from problem
        except ParseError as problem:
            raise SourceBroken(self._damage(problem)) from problem
        except LookupError as problem:  # an encoding that Python does not know either
            message = f"The file declares an encoding that is not known: {self._encoding[:40]}."
            raise SourceBroken(message) from problem
        yield from target.take()
        if not target.is_export:
            raise SourceBroken(f"{self._path.name} is XML, but no export of WordPress (WXR).")

    def _line(self, parser: Any) -> int:
        return int(parser.parser.CurrentLineNumber) + self._skipped_lines

    def _pieces(self, file: Any) -> Iterator[bytes]:
        first = file.read(_PIECE_BYTES)
        if not first.strip():
            raise SourceBroken(f"{self._path.name} is empty.")
        if first.startswith(_PACKED):
            raise SourceBroken(
                f"{self._path.name} is compressed. Unpack it and import the XML file."
            )
        if first.startswith(_BYTE_ORDER_MARKS):
            yield first
            while piece := file.read(_PIECE_BYTES):
                yield piece
            return
        # A plug-in that prints blank lines before the declaration spoils many an export.
        mark = b"\xef\xbb\xbf"
        stripped = first.removeprefix(mark).lstrip()
        self._skipped_lines = first.count(b"\n") - stripped.count(b"\n")
        declared = _DECLARED.match(stripped)
        self._encoding = declared[1].decode("ascii").upper() if declared else "UTF-8"
        in_place = CONTROL_MARK.encode() if self._encoding == "UTF-8" else b" "
        piece = stripped
        while piece:
            yield _CONTROL.sub(in_place, piece)
            piece = file.read(_PIECE_BYTES)

    def _damage(self, problem: ParseError) -> str:
        line, column = problem.position
        where = f"Line {line + self._skipped_lines}, column {column + 1}"
        if problem.code in _CUT_OFF:
            return f"{where}: the file ends in the middle; it was cut off. Export or copy it again."
        if problem.code == codes["undefined entity"]:
            return f"{where}: an entity that XML does not know; only &amp; &lt; &gt; &quot; and &apos; are."
        if problem.code == codes["not well-formed (invalid token)"] and self._is_misdeclared(line):
            return (
                f"{where}: the file says that it is {self._encoding}, but its letters are not."
                " It may be Windows-1252 or ISO-8859-1: save it as UTF-8."
            )
        return f"{where}: the XML is damaged ({ErrorString(problem.code)})."

    def _is_misdeclared(self, line: int) -> bool:
        """Whether the line cannot be decoded as declared."""
        with self._path.open("rb") as file:
            for number, content in enumerate(file, start=1):
                if number == line + self._skipped_lines:
                    try:
                        content.decode(self._encoding)
                    except (UnicodeDecodeError, LookupError):
                        return True
                    return False
        return False


def _danger(line: int, problem: DefusedXmlException) -> str:
    if isinstance(problem, DTDForbidden):
        return f"Line {line}: a document type (DOCTYPE). Exports have none; it is refused."
    return f"Line {line}: an entity or external reference. Exports have none; it is refused."
