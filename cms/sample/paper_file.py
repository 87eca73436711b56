"""A one-page PDF of plain text, written by hand: no library is needed for so little."""

from typing import Final

_TOP: Final = 760
_LEADING: Final = 26


def _literal(text: str) -> bytes:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return b"(" + escaped.encode("cp1252", "replace") + b")"


def _page_stream(heading: str, lines: list[str]) -> bytes:
    parts = [b"BT /F2 24 Tf 64 %d Td %s Tj ET" % (_TOP, _literal(heading))]
    for row, line in enumerate(lines):
        height = _TOP - 48 - row * _LEADING
        parts.append(b"BT /F1 11.5 Tf 64 %d Td %s Tj ET" % (height, _literal(line)))
    return b"\n".join(parts)


def make_pdf(*, heading: str, lines: list[str]) -> bytes:
    """An A4 page with a heading and lines below it. The same text gives the same bytes."""
    stream = _page_stream(heading, lines)
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Resources %s >>"
        % b"<< /Font << /F1 4 0 R /F2 5 0 R >> >>",
        font % b"Helvetica",
        font % b"Helvetica-Bold",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    pdf = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        pdf += b"%010d 00000 n \n" % offset
    pdf += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    pdf += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(pdf)
