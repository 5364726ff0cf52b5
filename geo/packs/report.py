"""What an import took, mended and refused, in lines a person can act on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .tables import Table


class Remark(NamedTuple):
    """One thing to say about one feature or row of a part."""

    part: str
    feature: str
    text: str

    def __str__(self) -> str:
        return ": ".join(word for word in (self.part, self.feature, self.text) if word)


@dataclass
class Report:
    """Counts and remarks of one import; `progress` is called with each step as it begins."""

    progress: Callable[[str], None] = lambda line: None
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[Remark] = field(default_factory=list)
    mends: list[Remark] = field(default_factory=list)
    refusals: list[Remark] = field(default_factory=list)

    def step(self, line: str) -> None:
        self.progress(line)

    def taken(self, part: str, count: int) -> None:
        self.counts[part] = self.counts.get(part, 0) + count

    def note(self, part: str, text: str) -> None:
        self.notes.append(Remark(part, "", text))

    def mended(self, part: str, feature: object, text: str) -> None:
        self.mends.append(Remark(part, str(feature), text))

    def refused(self, part: str, feature: object, text: str) -> None:
        self.refusals.append(Remark(part, str(feature), text))

    def unreadable(self, part: str, text: str) -> None:
        """Say once that a part as a whole is of no use, however many come upon it."""
        if not any(told.part == part and not told.feature for told in self.refusals):
            self.refused(part, "", text)

    def table(self, table: Table) -> None:
        """Say which rows of a table were set aside and why."""
        for bad in table.bad:
            self.refused(table.name, f"line {bad.line}" if bad.line else "", bad.reason)
        for text in table.notes:
            self.note(table.name, text)

    @property
    def ok(self) -> bool:
        return not self.refusals

    def lines(self) -> list[str]:
        """The report as text, one finding a line."""
        out = [f"taken    {part}: {count}" for part, count in self.counts.items()]
        out += [f"note     {remark}" for remark in self.notes]
        out += [f"mended   {remark}" for remark in self.mends]
        out += [f"refused  {remark}" for remark in self.refusals]
        return out
