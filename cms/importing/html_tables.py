"""Tables: every row gets as many cells as the widest."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborNode

from cms.importing.content import Change
from cms.importing.html_nodes import (
    Figure,
    Node,
    Paragraph,
    Table,
    Words,
    flattened,
    tidy,
    words_of,
)
from cms.importing.html_reader import HtmlReader, Style, children_of, elements_of

_MOST_COLUMNS: Final = 100
_MOST_CELLS: Final = 20_000


@dataclass(slots=True)
class _Row:
    is_head: bool
    cells: list[tuple[LexborNode, int, int]] = field(default_factory=list)


def read_table(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """A table; one of a single column without a heading is only there for the looks."""
    reader.end_paragraph()
    reader.remember_id(node)
    captions = [child for child in elements_of(node) if child.tag == "caption"]
    caption = words_of(reader.inlines_in(captions, style))
    rows = list(_rows_of(node))
    has_head = bool(rows) and rows[0].is_head
    if not has_head and all(len(row.cells) <= 1 for row in rows):
        if caption:
            reader.emit(Paragraph([Words(caption)]))
        for row in rows:
            for cell, _, _ in row.cells:
                reader.walk_children(cell, style)
                reader.end_paragraph()
        return
    grid = _grid_of(reader, rows, style)
    width = max(map(len, grid), default=0)
    if width * len(grid) > _MOST_CELLS:
        reader.note(Change.CHANGED, "table-too-large", "A table too large to edit became lines.")
        lines = ([part for cell in row for part in (*flattened(cell), Words(" "))] for row in grid)
        for line in lines:
            reader.emit(Paragraph(tidy(line)))
        return
    for row_cells in grid:
        row_cells += [[] for _ in range(width - len(row_cells))]
    _drop_empty_columns(grid)
    if not any(flattened(cell) for row in grid for cell in row):
        return
    if has_head:
        heads, grid = [_heading_of(reader, cell) for cell in grid[0]], grid[1:]
    else:
        heads = [""] * len(grid[0])
    reader.emit(Table(heads, grid, caption))


def _rows_of(table: LexborNode) -> Iterator[_Row]:
    """The rows of this table, not of one inside it, with the span of each cell."""
    for part in elements_of(table):
        if part.tag not in {"thead", "tbody", "tfoot"}:
            continue
        for row in elements_of(part):
            if row.tag != "tr":
                continue
            cells = [
                (cell, _span(cell, "colspan", _MOST_COLUMNS), _span(cell, "rowspan", 1000))
                for cell in elements_of(row)
                if cell.tag in {"td", "th"}
            ]
            is_head = part.tag == "thead" or all(cell.tag == "th" for cell, _, _ in cells)
            if cells:
                yield _Row(is_head, cells)


def _span(cell: LexborNode, name: str, most: int) -> int:
    value = (cell.attributes.get(name) or "").strip()
    return max(1, min(int(value), most)) if value.isascii() and value.isdigit() else 1


def _grid_of(reader: HtmlReader, rows: list[_Row], style: Style) -> list[list[list[Node]]]:
    """All cells; a place that a wide or tall cell reaches into stays empty."""
    grid: list[list[list[Node]]] = []
    reserved: dict[int, int] = {}
    for row in rows:
        line: list[list[Node]] = []
        for cell, width, height in row.cells:
            while reserved.get(len(line), 0):
                reserved[len(line)] -= 1
                line.append([])
            content = _cell_of(reader, cell, style)
            # A span is a wish of the layout: places are kept only while the table stays in bounds.
            for offset in range(min(width, max(1, _MOST_COLUMNS - len(line)))):
                if height > 1:
                    reserved[len(line)] = height - 1
                line.append(content if offset == 0 else [])
            if width > 1 or height > 1:
                reader.note(
                    Change.CHANGED, "cell-span", "A cell over several places has only the first."
                )
        for column in sorted(place for place, count in reserved.items() if count):
            if column >= len(line) and len(line) < _MOST_COLUMNS:
                line += [[] for _ in range(column + 1 - len(line))]
                reserved[column] -= 1
        grid.append(line)
    return grid


def _cell_of(reader: HtmlReader, cell: LexborNode, style: Style) -> list[Node]:
    reader.remember_id(cell)
    return reader.nodes_in(children_of(cell), style)


def _drop_empty_columns(grid: list[list[list[Node]]]) -> None:
    while grid and len(grid[0]) > 1 and not any(line[-1] for line in grid):
        for line in grid:
            line.pop()


def _heading_of(reader: HtmlReader, cell: list[Node]) -> str:
    inlines = flattened(cell)
    if any(isinstance(node, Figure) for node in cell):
        reader.note(Change.DROPPED, "table-heading", "A column's heading lost its picture.")
    return words_of(inlines)
