"""The rows of a CSV file as its lines have them: one broken line costs one row."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from itertools import chain, islice
from typing import NamedTuple, TextIO

# A quoted cell may run over so many lines; a quote that never ends is one of its own line.
MOST_LINES = 20
LONGEST = 100_000


class Row(NamedTuple):
    """One row: the number of its line, the text as received, its cells or why it has none."""

    line: int
    raw: str
    cells: list[str]
    wrong: str = ""


class Table:
    """A CSV file behind its header; empty lines count, and are passed over."""

    def __init__(self, handle: TextIO, delimiters: str, *, delimiter: str = "") -> None:
        self._lines, self.line = iter(handle), 0
        head = next((text for text in self._numbered() if text.strip()), "")
        self.delimiter = delimiter or max(delimiters, key=head.count)
        cells = _cells(head, self.delimiter) if head else []
        self.header = [name.strip().lower() for name in cells or []]

    def _numbered(self) -> Iterator[str]:
        for text in self._lines:
            self.line += 1
            yield text

    def __iter__(self) -> Iterator[Row]:
        ahead: deque[str] = deque()
        while True:
            text = ahead.popleft() if ahead else next(self._lines, None)
            if text is None:
                return
            self.line += 1
            row, more = self._row(text, ahead)
            if any(cell.strip() for cell in row.cells) or row.wrong:
                yield row
            self.line += more

    def _row(self, text: str, ahead: deque[str]) -> tuple[Row, int]:
        """The row that begins with a line, and how many lines more it takes."""
        raw = text.rstrip("\r\n")
        if len(raw) > LONGEST:
            return Row(self.line, raw, [], f"the line has {len(raw)} characters"), 0
        cells, more = _cells(raw, self.delimiter), 0
        if cells is None:  # a quote is open: does a line to come close it, and the row fits?
            ahead.extend(islice(self._lines, MOST_LINES - len(ahead)))
            cells, more = self._longer(text, ahead)
            raw = "".join([text, *(ahead.popleft() for _ in range(more))]).rstrip("\r\n")
        if cells is None:
            return Row(self.line, raw, [], "a quote is opened and not closed"), 0
        wrong = ""
        if len(cells) != len(self.header) and any(cell.strip() for cell in cells):
            wrong = f"{len(cells)} columns where the header has {len(self.header)}"
        return Row(self.line, raw, cells, wrong), more

    def _longer(self, text: str, ahead: deque[str]) -> tuple[list[str] | None, int]:
        for more, line in enumerate(ahead, start=1):
            text += line
            if '"' in line:
                cells = _cells(text.rstrip("\r\n"), self.delimiter)
                if cells is not None and len(cells) == len(self.header):
                    return cells, more
        return None, 0


def _cells(text: str, delimiter: str) -> list[str] | None:
    """The cells of a row; None where a quote stays open or stands wrong."""
    if '"' not in text:
        return text.rstrip("\r\n").split(delimiter)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return list(chain.from_iterable(rows))
    except csv.Error:
        return None
