"""Ruled tables in a picture of a page (扫描页的表格线): straightening, lines, closed cells, ink that is no table line.

Sizes are in pixels of the rendered page and scale with its width, so that any resolution works.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np

Image = Any  # numpy arrays; their types say nothing here
_MOST_SKEW = 5.0
_LEAST_SKEW = 0.05
_TABLE_WIDTH = 0.25  # of the page
_FILLED = 0.7  # share of its frame that a cell must fill
_WALL = 2  # a line's half width after closing small gaps


class CellBox(NamedTuple):
    """A closed cell (格子) in pixels."""

    x0: int
    y0: int
    x1: int
    y1: int


def gray_of(image: Image) -> Image:
    """The page in grey (灰度); of a colour scan the red channel, in which a red seal all but vanishes."""
    if image.ndim == 2:
        return image
    blue, red = image[:, :, 0].astype(np.int16), image[:, :, 2].astype(np.int16)
    if (red - blue > 60).mean() > 0.0005:
        return image[:, :, 2].copy()
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def skew(gray: Image) -> float:
    """The angle of the long horizontal strokes in degrees (倾斜角), 0 where there are none."""
    width = gray.shape[1]
    ink = cv2.adaptiveThreshold(255 - gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 31, -12)
    strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, (width // 30, 1)))
    found = cv2.HoughLinesP(strokes, 1, np.pi / 3600, 150, minLineLength=width // 5, maxLineGap=12)
    if found is None:
        return 0.0
    angles = [float(np.degrees(np.arctan2(y1 - y0, x1 - x0))) for x0, y0, x1, y1 in found.reshape(-1, 4)]
    level = [angle for angle in angles if abs(angle) < _MOST_SKEW]
    return float(np.median(level)) if level else 0.0


def straightened(image: Image, angle: float) -> Image:
    """The page turned level (校正)."""
    if abs(angle) < _LEAST_SKEW:
        return image
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    return cv2.warpAffine(image, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(250, 250, 250))


class Ruling:
    """The ruling lines of a page and the ink between them (表格线与墨迹)."""

    def __init__(self, gray: Image) -> None:
        height, width = gray.shape
        self.ink = cv2.adaptiveThreshold(255 - gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 25, -15)
        across = cv2.getStructuringElement(cv2.MORPH_RECT, (max(30, width // 45), 1))
        down = cv2.getStructuringElement(cv2.MORPH_RECT, (1, max(24, height // 90)))
        # Closing small gaps along a line keeps two cells from running together.
        level = cv2.dilate(cv2.morphologyEx(self.ink, cv2.MORPH_OPEN, across), np.ones((3, 9), np.uint8))
        upright = cv2.dilate(cv2.morphologyEx(self.ink, cv2.MORPH_OPEN, down), np.ones((9, 3), np.uint8))
        self.lines = cv2.bitwise_or(level, upright)

    def tables(self) -> list[list[CellBox]]:
        """The cells of each ruled table (表格), from top to bottom."""
        width = self.lines.shape[1]
        count, labels, stats, _ = cv2.connectedComponentsWithStats(self.lines, connectivity=8)
        found: list[list[CellBox]] = []
        for label in range(1, count):
            x, y, w, h, _area = (int(value) for value in stats[label])
            if w < _TABLE_WIDTH * width or h < 40:
                continue
            inside = np.where(labels[y : y + h, x : x + w] == label, 0, 255).astype(np.uint8)
            cells = [CellBox(x + c.x0, y + c.y0, x + c.x1, y + c.y1) for c in _closed(inside)]
            if len(cells) > 1:
                found.append(sorted(cells, key=lambda cell: (cell.y0, cell.x0)))
        return sorted(found, key=lambda cells: cells[0].y0)

    def has_ink(self, cell: CellBox) -> bool:
        """Whether something is written in a cell (有墨迹)."""
        part = self.ink[cell.y0 + 5 : cell.y1 - 5, cell.x0 + 5 : cell.x1 - 5]
        return bool(part.size) and int((part > 0).sum()) > 25

    def written(self, cell: CellBox) -> CellBox:
        """The part of a cell in which something is written (墨迹范围), with a little room round it."""
        rows, columns = np.nonzero(self.ink[cell.y0 + 5 : cell.y1 - 5, cell.x0 + 5 : cell.x1 - 5])
        if not len(rows):
            return CellBox(cell.x0 + 5, cell.y0 + 5, cell.x1 - 5, cell.y1 - 5)
        return CellBox(
            max(cell.x0 + 5 + int(columns.min()) - 6, cell.x0 + 3),
            max(cell.y0 + 5 + int(rows.min()) - 6, cell.y0 + 3),
            min(cell.x0 + 5 + int(columns.max()) + 7, cell.x1 - 3),
            min(cell.y0 + 5 + int(rows.max()) + 7, cell.y1 - 3),
        )

    def strange(self, em: float) -> list[CellBox]:
        """Ink far larger than a character that is no table line (异常墨迹): seals, handwriting."""
        rest = cv2.bitwise_and(self.ink, cv2.bitwise_not(self.lines))
        count, _, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
        found = []
        for label in range(1, count):
            x, y, w, h, area = (int(value) for value in stats[label])
            is_huge = max(w, h) > 2.5 * em and min(w, h) > 0.5 * em
            # The table lines cut a seal's ring into thin arcs, emptier than any character.
            is_arc = max(w, h) > 1.5 * em and min(w, h) > 0.5 * em and area < 0.26 * w * h
            if (is_huge or is_arc) and area > em:
                found.append(CellBox(x, y, x + w, y + h))
        return found

    def is_slash(self, cell: CellBox) -> bool:
        """Whether the only stroke in a cell leans like "/" (斜杠): recognisers read it as 1 or as nothing."""
        part = self.ink[cell.y0 + 5 : cell.y1 - 5, cell.x0 + 5 : cell.x1 - 5]
        count, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
        strokes = sorted(range(1, count), key=lambda label: -int(stats[label][4]))
        if not strokes or any(stats[label][4] > 0.2 * stats[strokes[0]][4] for label in strokes[1:]):
            return False  # more than one stroke, specks apart
        x, y, w, h, area = (int(value) for value in stats[strokes[0]])
        if not 0.15 * h < w < 1.2 * h or h < 8 or area > 0.5 * w * h:
            return False
        rows, columns = np.nonzero(labels[y : y + h, x : x + w] == strokes[0])
        top, bottom = columns[rows < h / 3], columns[rows > 2 * h / 3]
        return bool(len(top) and len(bottom) and top.mean() - bottom.mean() > 0.3 * w)


def _closed(inside: Image) -> list[CellBox]:
    height, width = inside.shape
    count, _, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=4)
    cells = []
    for label in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[label])
        at_border = x <= 1 or y <= 1 or x + w >= width - 1 or y + h >= height - 1
        if at_border or w < 18 or h < 14 or area < _FILLED * w * h:
            continue
        cells.append(CellBox(x - _WALL, y - _WALL, x + w + _WALL, y + h + _WALL))
    return cells
