"""Scans: a ruled table in a picture becomes the same grid, recognised text is marked as such; absence is said plainly."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from reading_samples import ROWS, pdf

from models.document import CellFlag
from tasks.reading import DEFAULT_LIMITS, parse, read_file
from tasks.reading.build import DocumentBuilder
from tasks.reading.errors import UnreadableError

cv2 = pytest.importorskip("cv2", reason="the ocr extra is not installed")
np = pytest.importorskip("numpy", reason="the ocr extra is not installed")
FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
WIDTHS, HEIGHT, LEFT, TOP = (220, 300, 220, 220, 140, 140), 80, 120, 300


def page(*, angle: float = 0.0, seal: bool = False) -> Any:
    """A page at 150 dpi with the common table ruled in it; first column of rows 2 and 3 merged."""
    image = np.full((1754, 1480, 3), 250, np.uint8)
    edges = [LEFT + sum(WIDTHS[:index]) for index in range(len(WIDTHS) + 1)]
    for row in range(len(ROWS) + 1):
        start = edges[1] if row == 2 else edges[0]
        cv2.line(image, (start, TOP + HEIGHT * row), (edges[-1], TOP + HEIGHT * row), (30, 30, 30), 2)
    for edge in edges:
        cv2.line(image, (edge, TOP), (edge, TOP + HEIGHT * len(ROWS)), (30, 30, 30), 2)
    if seal:
        cv2.circle(image, (LEFT + 900, TOP + 160), 110, (60, 60, 60), 5)
    if angle:
        turn = cv2.getRotationMatrix2D((740, 877), angle, 1)
        image = cv2.warpAffine(image, turn, (1480, 1754), borderValue=(250, 250, 250))
    return image


def written(image: Any, rows: tuple[tuple[str, ...], ...]) -> Any:
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(str(FONT), 34)
    picture = Image.fromarray(image)
    draw = ImageDraw.Draw(picture)
    draw.text((480, 160), "项目支出绩效自评表", font=font, fill=(20, 20, 20))
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            draw.text(
                (LEFT + sum(WIDTHS[:column]) + 14, TOP + HEIGHT * number + 16), text, font=font, fill=(20, 20, 20)
            )
    return np.asarray(picture)


def ruling(image: Any) -> Any:
    from tasks.reading.scan_grid import Ruling, gray_of

    return Ruling(gray_of(image))


def test_every_closed_cell_is_found_once() -> None:
    (cells,) = ruling(page()).tables()
    assert len(cells) == len(ROWS) * len(WIDTHS) - 1
    merged = max(cells, key=lambda cell: cell.y1 - cell.y0)
    assert abs((merged.y1 - merged.y0) - 2 * HEIGHT) < 10
    assert abs(merged.x0 - LEFT) < 6


@pytest.mark.parametrize("angle", [-1.5, -0.4, 0.7, 2.0])
def test_a_crooked_page_is_put_straight(angle: float) -> None:
    from tasks.reading.scan_grid import gray_of, skew, straightened

    gray = gray_of(page(angle=angle))
    assert abs(skew(gray) + angle) < 0.15
    assert abs(skew(straightened(gray, skew(gray)))) < 0.15


def test_a_seal_over_cells_is_strange_ink_and_table_lines_are_not() -> None:
    assert ruling(page(seal=True)).strange(30)
    assert not ruling(page()).strange(30)


def test_a_slash_is_told_from_a_one() -> None:
    from tasks.reading.scan_grid import CellBox, Ruling

    gray = np.full((80, 200), 250, np.uint8)
    cv2.line(gray, (90, 60), (106, 22), 20, 3)
    assert Ruling(gray).is_slash(CellBox(0, 0, 200, 80))
    upright = np.full((80, 200), 250, np.uint8)
    cv2.line(upright, (98, 60), (98, 22), 20, 3)
    assert not Ruling(upright).is_slash(CellBox(0, 0, 200, 80))


def test_a_red_seal_vanishes_from_the_grey_page() -> None:
    from tasks.reading.scan_grid import gray_of

    image = page()
    cv2.circle(image, (700, 1000), 150, (40, 40, 220), 8)
    assert gray_of(image)[850, 700] > 180


def test_without_the_extra_the_error_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tasks.reading.scan import Recogniser

    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(UnreadableError) as caught:
        Recogniser(DocumentBuilder(DEFAULT_LIMITS))
    assert caught.value.code == "ocr-missing"
    assert "jixiao[ocr]" in caught.value.error().message


def test_a_picture_without_ocr_is_a_scan(tmp_path: Path) -> None:
    path = tmp_path / "照片.jpg"
    cv2.imencode(".jpg", page())[1].tofile(str(path))
    error = read_file(path).error
    assert error is not None
    assert error.code == "scan-needs-ocr"


@pytest.mark.slow
@pytest.mark.skipif(not FONT.is_file(), reason="no Chinese font to draw with")
def test_a_scanned_table_reads_as_the_table_that_was_scanned(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason="the ocr extra is not installed")
    image = written(page(), ROWS)
    picture = tmp_path / "p.png"
    cv2.imencode(".png", image)[1].tofile(str(picture))
    path = pdf(tmp_path / "扫描.pdf", lambda sheet: sheet.page.drawImage(str(picture), 0, 0, 595, 842))
    reading = read_file(path, ocr=True)
    assert reading.error is None, reading.error
    (document,) = reading.documents
    assert document.file.ocr
    assert [block.text for block in document.paragraphs()] == ["项目支出绩效自评表"]
    (table,) = document.tables()
    read = [["".join(cell.text.split()) if cell else None for cell in row] for row in table.owners()]
    want = [list(row) for row in ROWS]
    want[2][0] = want[1][0]
    assert read == want
    filled = [cell for cell in table.cells if cell.text]
    assert all(CellFlag.OCR in cell.flags and cell.confidence is not None for cell in filled)
    assert all(cell.place.page == 1 for cell in table.cells)


@pytest.mark.slow
@pytest.mark.skipif(not FONT.is_file(), reason="no Chinese font to draw with")
def test_a_picture_reads_like_a_scanned_page(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason="the ocr extra is not installed")
    path = tmp_path / "照片.png"
    cv2.imencode(".png", written(page(angle=0.6), ROWS))[1].tofile(str(path))
    (document,) = parse(path, ocr=True)
    (table,) = document.tables()
    assert table.rows == len(ROWS)
    assert {"≥95%", "9.5", "群众满意度"} <= {cell.text for cell in table.cells}
