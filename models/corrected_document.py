"""A document with what a person corrected in its place (更正后的文本), so that checks see the value that counts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from models.document import Block, Cell, Document, Source, Table

Change = tuple[Source | None, str | None, str | None]


def with_values(document: Document, changes: Iterable[Change]) -> tuple[Document, tuple[Source, ...]]:
    """Put corrected values where the misread ones stand (替换误读的数值), and say where that could not be done.

    ``changes`` are (place, value as read, value that counts). A value is replaced only where it stands exactly once at its
    place; a number within a longer number is not it. Blank on either side cannot be replaced.
    """
    blocks = list(document.blocks)
    left: list[Source] = []
    for source, old, new in changes:
        if source is None:
            continue
        if old is None or new is None or not _replace(blocks, source, old, new):
            left.append(source)
    return document.model_copy(update={"blocks": tuple(blocks)}), tuple(left)


def _replace(blocks: list[Block], source: Source, old: str, new: str) -> bool:
    for position, block in enumerate(blocks):
        if isinstance(block, Table):
            if not _same(block.place, source, "sheet", "table") or source.table is None:
                continue
            for index, cell in enumerate(block.cells):
                if _same(cell.place, source, "row", "column") and (text := _swapped(cell.text, old, new)):
                    cells: list[Cell] = list(block.cells)
                    cells[index] = cell.model_copy(update={"text": text})
                    blocks[position] = block.model_copy(update={"cells": tuple(cells)})
                    return True
        elif source.table is None and source.paragraph is not None and _same(block.place, source, "paragraph"):
            text = _swapped(block.text, old, new)
            if text is not None:
                blocks[position] = block.model_copy(update={"text": text})
                return True
    return False


def _same(one: Source, other: Source, *names: str) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _swapped(text: str, old: str, new: str) -> str | None:
    """The text with one value for another, or None unless the old one stands there exactly once (替换一处)."""
    value = re.escape(old)
    if re.fullmatch(r"-?\d+(\.\d+)?", old):
        # 24 is not part of 124 or 24.5, but it is what 24.0 and 24分 say.
        zeros = "0*" if "." in old else r"(?:\.0+)?"
        value = rf"(?<![\d.]){value}{zeros}(?!\d|\.\d)"
    found = list(re.finditer(value, text))
    if len(found) != 1:
        return None
    return f"{text[: found[0].start()]}{new}{text[found[0].end() :]}"
