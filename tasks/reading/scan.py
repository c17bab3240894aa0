"""Scanned pages and pictures (扫描件识别): rapidocr for characters, OpenCV for the ruled grid. An optional extra.

The libraries are imported only here and only when text recognition was asked for; where they are missing the error
says so. The models lie inside the rapidocr package: nothing is fetched.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium

from models.document import CellFlag
from tasks.reading.build import DocumentBuilder
from tasks.reading.errors import UnreadableError
from tasks.reading.layout import Box, Line, Page, RuledTable, head_share, joined
from tasks.reading.limits import ReadLimits
from tasks.reading.pages import assemble

_POINTS = 72
_INSIDE = 0.85  # share of its width that a line of text must have in one cell
_TOUCHES = 0.08
_LOW = 0.8
# The engine remembers these from call to call: always say all three.
_WHOLE = {"use_det": True, "use_cls": False, "use_rec": True}
_ONE_LINE = {"use_det": False, "use_cls": False, "use_rec": True}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NARROW = re.compile(r"(?<=[\u4e00-\u9fff》”）])[,:;]|[,:;](?=[\u4e00-\u9fff《“（])")
_SPECK = re.compile(r"(?<=[\u4e00-\u9fff])\.(?=[（\u4e00-\u9fff])")
_WIDE = str.maketrans(",:;", "，：；")
_SLASHES = {"", "1", "l", "I", "|", "丨", "i", "]", "J", "7", "ノ"}


def render(pdf: pdfium.PdfDocument, index: int, limits: ReadLimits) -> tuple[Any, float]:
    """A page as a picture (渲染页面) and its points per pixel, never more than ``limits.pixels``."""
    page = pdf[index]
    try:
        width, height = page.get_size()
        scale = limits.ocr_dpi / _POINTS
        if width * height * scale * scale > limits.pixels:
            scale = (limits.pixels / (width * height)) ** 0.5
        image = page.render(scale=scale).to_numpy()
    finally:
        page.close()
    return image, 1 / scale


def read_image(
    path: Path, builder: DocumentBuilder, limits: ReadLimits, ocr: bool, progress: Callable[[int, int], None] | None
) -> None:
    """Read a picture of a page into ``builder`` (读取图片). Raises UnreadableError."""
    if not ocr:
        raise UnreadableError("scan-needs-ocr", "图片")
    recogniser = Recogniser(builder)
    import cv2
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > limits.pixels:
                raise UnreadableError("limit-exceeded", f"图片{picture.width}×{picture.height}像素")
            image = cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise UnreadableError("damaged", "图片无法打开") from error
    if progress is not None:
        progress(1, 1)
    scale = 595 / image.shape[1]
    lines, tables = recogniser.page(image, scale, 1)
    assemble([Page(1, image.shape[1] * scale, image.shape[0] * scale, lines, tables)], builder)
    if not builder.blocks:
        raise UnreadableError("no-text", "（图片）")


# One thread for each reading process: a second one gains little, and takes the core from the next process (measured by
# bench_workers.py on two cores, six scans: alone 124 s with two threads, 140 s with one; two workers 140 s and 96 s).
_THREADS = 1
_ENGINE = {
    "Global.log_level": "critical",
    "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
    "EngineConfig.onnxruntime.inter_op_num_threads": _THREADS,
}


class Recogniser:
    """Reads pictures of pages (文字识别). Making one loads the models; raises UnreadableError ``ocr-missing``."""

    def __init__(self, builder: DocumentBuilder) -> None:
        try:
            import cv2  # noqa: F401
            from rapidocr import RapidOCR
        except ImportError as error:
            raise UnreadableError("ocr-missing") from error
        self._engine: Any = RapidOCR(params=_ENGINE)
        self._builder = builder

    def page(self, image: Any, scale: float, number: int) -> tuple[list[Line], list[RuledTable]]:
        """The lines and ruled tables of a page (识别一页); ``scale`` is points per pixel."""
        from tasks.reading import scan_grid

        gray = scan_grid.gray_of(image)
        angle = scan_grid.skew(gray)
        gray, image = scan_grid.straightened(gray, angle), scan_grid.straightened(image, angle)
        pieces = self._recognised(image)
        if pieces and min(piece.confidence or 1.0 for piece in pieces) < _LOW / 2:
            self._builder.warn(f"第{number}页有文字识别把握很低，请对照原件核对。")
        ruling = scan_grid.Ruling(gray)
        tables = []
        for cells in ruling.tables():
            table, pieces = self._table(cells, pieces, ruling, gray)
            if any(box.lines for box in table.boxes):
                tables.append(_scaled(table, scale))
        return [_scaled_line(line, scale) for line in rows_of(pieces)], tables

    def _recognised(self, image: Any) -> list[Line]:
        found = self._engine(image, **_WHOLE)
        if found is None or found.txts is None:
            return []
        lines = []
        for quad, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
            xs, ys = [float(point[0]) for point in quad], [float(point[1]) for point in quad]
            lines.append(_line(text, min(xs), min(ys), max(xs), max(ys), float(score)))
        return lines

    def _read_again(self, part: Any, em: float) -> tuple[str, float]:
        """Read one cell by itself (单独识别单元格)."""
        if min(part.shape[:2]) < 8:
            return "", 0.0
        # Finding the lines costs most; a cell one line high has nothing to find.
        found = self._engine(part, **_WHOLE) if part.shape[0] > 2.2 * em else None
        if found is None or not getattr(found, "txts", None):
            found = self._engine(part, **_ONE_LINE)
            if not found.txts or found.scores[0] < 0.5:
                return "", 0.0
            return str(found.txts[0]), float(found.scores[0])
        lines = sorted(zip(found.boxes, found.txts, found.scores, strict=True), key=lambda item: float(item[0][0][1]))
        return "".join(str(text) for _, text, _ in lines), min(float(score) for _, _, score in lines)

    def _table(self, cells: Any, pieces: list[Line], ruling: Any, gray: Any) -> tuple[RuledTable, list[Line]]:
        """Give each cell its lines (文字入格). A line that crosses a wall is read again cell by cell."""
        owned: dict[int, list[Line]] = {}
        again: set[int] = set()
        outside: list[Line] = []
        for piece in pieces:
            hits = _hits(piece, cells)
            if not hits:
                outside.append(piece)
                continue
            share, best = max(hits)
            if share < _INSIDE and len(hits) > 1:
                again.update(index for _, index in hits)
            else:
                owned.setdefault(best, []).append(piece)
        heights = sorted(piece.em for piece in pieces)
        em = heights[len(heights) // 2] if heights else 24.0
        strange = ruling.strange(em)
        boxes = []
        for index, cell in enumerate(cells):
            box = Box(cell.x0, cell.y0, cell.x1, cell.y1, rows_of(owned.get(index, [])), (CellFlag.OCR,))
            text = "".join(line.text for line in box.lines)
            # Where a seal or handwriting crosses an empty cell, anything read would be made of its strokes.
            is_touched = any(_overlap(cell, ink) for ink in strange)
            if text in _SLASHES and not is_touched and ruling.is_slash(cell):
                box.lines = [_line("/", cell.x0, cell.y0, cell.x1, cell.y1, _LOW)]
            elif index in again or (not box.lines and not is_touched and ruling.has_ink(cell)):
                x0, y0, x1, y1 = ruling.written(cell)
                read, score = self._read_again(gray[y0:y1, x0:x1], em)
                box.lines = [_line(read, cell.x0 + 8, cell.y0, cell.x1 - 8, cell.y1, score)] if read.strip() else []
            if is_touched:
                box.flags = (*box.flags, CellFlag.INK)
            scores = [line.confidence for line in box.lines if line.confidence is not None]
            box.confidence = round(min(scores), 3) if scores else None
            boxes.append(box)
        return RuledTable(boxes), outside


def rows_of(pieces: list[Line]) -> list[Line]:
    """Pieces that stand on one height as one line (同一行合并), from top to bottom."""
    rows: list[list[Line]] = []
    for piece in sorted(pieces, key=lambda one: one.top + one.bottom):
        last = rows[-1][-1] if rows else None
        if last is not None and min(piece.bottom, last.bottom) - max(piece.top, last.top) > 0.55 * min(
            piece.em, last.em
        ):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    merged = []
    for row in rows:
        row.sort(key=lambda one: one.x0)
        text = row[0].text
        for before, piece in itertools.pairwise(row):
            text = f"{text} {piece.text}" if piece.x0 - before.x1 > 1.5 * piece.em else joined(text, piece.text)
        scores = [piece.confidence for piece in row if piece.confidence is not None]
        top, bottom = min(piece.top for piece in row), max(piece.bottom for piece in row)
        merged.append(_line(text, row[0].x0, top, max(piece.x1 for piece in row), bottom, min(scores, default=1.0)))
    return merged


def _line(text: str, x0: float, top: float, x1: float, bottom: float, score: float) -> Line:
    text = _widened(text.strip())
    return Line(text, x0, top, x1, bottom, head=(x1 - x0) * head_share(text), confidence=score)


def _widened(text: str) -> str:
    """Chinese text with Chinese brackets and stops (全角标点): recognition often takes the narrow form, or sees a dot."""
    if not _CHINESE.search(text):
        return text
    text = _SPECK.sub("", text.replace("(", "（").replace(")", "）"))
    return _NARROW.sub(lambda match: match[0].translate(_WIDE), text)


def _hits(piece: Line, cells: Any) -> list[tuple[float, int]]:
    hits = []
    for index, (x0, y0, x1, y1) in enumerate(cells):
        across = min(piece.x1, x1) - max(piece.x0, x0)
        down = min(piece.bottom, y1) - max(piece.top, y0)
        if across > _TOUCHES * (piece.x1 - piece.x0) and down > 0.4 * piece.em:
            hits.append((across / max(piece.x1 - piece.x0, 1.0), index))
    return hits


def _overlap(cell: Any, ink: Any) -> bool:
    return bool(min(cell.x1, ink.x1) - max(cell.x0, ink.x0) > 4 and min(cell.y1, ink.y1) - max(cell.y0, ink.y0) > 4)


def _scaled(table: RuledTable, scale: float) -> RuledTable:
    boxes = [
        Box(
            box.x0 * scale, box.top * scale, box.x1 * scale, box.bottom * scale,
            [_scaled_line(line, scale) for line in box.lines], box.flags, box.confidence,
        )
        for box in table.boxes
    ]  # fmt: skip
    return RuledTable(boxes)


def _scaled_line(line: Line, scale: float) -> Line:
    return Line(
        line.text,
        line.x0 * scale,
        line.top * scale,
        line.x1 * scale,
        line.bottom * scale,
        line.head * scale,
        line.confidence,
    )
