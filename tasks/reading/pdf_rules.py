"""The ruling lines of a PDF page (PDF表格线), taken from pdfium; pdfplumber's table finder makes cells of them.

pdfplumber would parse the whole page a second time, with pdfminer, only to know these lines: that took four fifths of
the reading time. Pages that draw lines inside form objects still go that way, because pdfium leaves their places to us.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

Turn = Callable[[float, float, float, float], tuple[float, float, float, float]]
Bounds = tuple[float, float, float, float]
# pdfplumber's own defaults for its "lines" strategy
_NEAR = 3
_SHORTEST = 3
_LEVEL = 0.3  # points a stroke may lean and still be level or upright
_SEGMENTS = 2000


def edges_of(page: pdfium.PdfPage, turn: Turn) -> list[dict[str, Any]]:
    """The level and upright strokes of a page (横竖线) in reading coordinates, as pdfplumber describes edges."""
    edges: list[dict[str, Any]] = []
    for path in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1):
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(path.raw, fill, stroke)
        if not fill.value and not stroke.value:
            continue  # a clipping path: nothing is drawn
        for x0, y0, x1, y1 in _strokes(path.raw):
            left, top, right, bottom = turn(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
            if bottom - top <= _LEVEL < right - left:
                edges.append(_edge("h", left, top, right, top))
            elif right - left <= _LEVEL < bottom - top:
                edges.append(_edge("v", left, top, left, bottom))
    return edges


def tables_of(edges: list[dict[str, Any]]) -> list[list[Bounds]]:
    """The cells of each ruled table (表格单元格): (x0, top, x1, bottom)."""
    merged = [edge for edge in merge_edges(edges, _NEAR, _NEAR, _NEAR, _NEAR) if _length(edge) >= _SHORTEST]
    cells = intersections_to_cells(edges_to_intersections(merged, _NEAR, _NEAR))
    return [list(table) for table in cells_to_tables(cells)]


def _edge(orientation: str, x0: float, top: float, x1: float, bottom: float) -> dict[str, Any]:
    return {
        "orientation": orientation,
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "doctop": top,
        "width": x1 - x0,
        "height": bottom - top,
    }


def _length(edge: dict[str, Any]) -> float:
    return float(edge["width"] if edge["orientation"] == "h" else edge["height"])


def _strokes(path: Any) -> Iterator[Bounds]:
    """The straight strokes of a path (路径线段) in page coordinates."""
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(path, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    first = last = (0.0, 0.0)
    for index in range(min(raw.FPDFPath_CountSegments(path), _SEGMENTS)):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        match raw.FPDFPathSegment_GetType(segment):
            case raw.FPDF_SEGMENT_MOVETO:
                first = point
            case raw.FPDF_SEGMENT_LINETO:
                yield (*last, *point)
            case _:  # a curve rules nothing, but the next stroke begins at its end
                pass
        last = point
        if raw.FPDFPathSegment_GetClose(segment) and last != first:
            yield (*last, *first)
            last = first
