"""Text PDFs: paragraphs and tables come out whole, whatever the page ends cut."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import docx
import pytest
from reading_samples import CORPUS, PdfPage, pdf

from models.document import CellFlag, Document, Table
from tasks.reading import parse, read_file

WIDTHS = (90, 130, 80, 60, 60)
HEADER = ("一级指标", "三级指标", "目标值", "权重", "得分")


def read(path: Path) -> Document:
    (document,) = parse(path)
    return document


def texts(document: Document) -> list[str]:
    return [block.text for block in document.paragraphs()]


def grid(table: Table) -> list[list[str | None]]:
    return [[cell.text if cell else None for cell in row] for row in table.owners()]


def prose(page: PdfPage, y: float, lines: list[str], indent: float = 24) -> None:
    """Lines set as official papers set them: 35 characters a line, first line indented by two."""
    for number, line in enumerate(lines):
        page.text(72 + (indent if not number else 0), y + 24 * number, line)


def numbers(start: int, count: int) -> str:
    return "".join("零一二三四五六七八九"[(start + index) % 10] for index in range(count))


def test_a_paragraph_is_one_paragraph_over_its_line_ends(tmp_path: Path) -> None:
    first = [numbers(0, 33), numbers(3, 35), numbers(8, 7) + "。"]
    second = [numbers(5, 33), numbers(2, 20) + "。"]

    def draw(page: PdfPage) -> None:
        prose(page, 100, first)
        prose(page, 172, second)

    assert texts(read(pdf(tmp_path / "a.pdf", draw))) == ["".join(first), "".join(second)]


def test_a_paragraph_goes_on_over_the_page_end_and_page_numbers_do_not_enter_it(tmp_path: Path) -> None:
    def one(page: PdfPage) -> None:
        prose(page, 700, [numbers(0, 33), numbers(3, 35)])
        page.text(280, 810, "— 1 —", 10)

    def two(page: PdfPage) -> None:
        prose(page, 72, [numbers(6, 35), "结束。"], indent=0)
        page.text(280, 810, "— 2 —", 10)

    document = read(pdf(tmp_path / "a.pdf", one, two))
    assert texts(document) == [numbers(0, 33) + numbers(3, 35) + numbers(6, 35) + "结束。"]
    assert document.blocks[0].place.page == 1


def test_numbered_items_stay_apart(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        for number, text in enumerate(["一、" + numbers(0, 33), "二、" + numbers(1, 33), "三、" + numbers(2, 10)]):
            page.text(72, 100 + 24 * number, text)
        prose(page, 400, [numbers(0, 33), "尾。"])

    assert len(texts(read(pdf(tmp_path / "a.pdf", draw)))) == 4


def test_running_heads_are_dropped(tmp_path: Path) -> None:
    pages = [
        lambda page, n=n: (page.text(200, 40, "某县某局自评报告"), page.text(96, 300 + n, f"第{n}段正文。"))
        for n in range(5)
    ]
    assert texts(read(pdf(tmp_path / "a.pdf", *pages))) == [f"第{n}段正文。" for n in range(5)]


def test_a_ruled_table_keeps_merged_empty_and_equal_cells(tmp_path: Path) -> None:
    rows = [HEADER, ("产出指标", "宣传场次", "≥12场次", "10", "10"), (None, "办结率", "≥95%", "20", "")]
    document = read(
        pdf(tmp_path / "a.pdf", lambda page: (page.text(96, 90, "标题"), page.table(72, 120, WIDTHS, rows)))
    )
    (table,) = document.tables()
    assert grid(table) == [
        [*HEADER],
        ["产出指标", "宣传场次", "≥12场次", "10", "10"],
        ["产出指标", "办结率", "≥95%", "20", ""],
    ]
    assert table.place.page == 1
    assert texts(document) == ["标题"]
    assert (table.cells[-1].place.row, table.cells[-1].place.column) == (3, 5)


def test_a_table_over_two_pages_is_one_table_without_its_repeated_header(tmp_path: Path) -> None:
    first = [HEADER, ("产出指标", "甲", "1", "10", "10"), ("产出指标", "乙", "2", "20", "20")]
    second = [HEADER, ("效益指标", "丙", "3", "30", "30")]
    document = read(
        pdf(
            tmp_path / "a.pdf",
            lambda page: page.table(72, 600, WIDTHS, first),
            lambda page: page.table(72, 72, WIDTHS, second),
        )
    )
    (table,) = document.tables()
    assert [row[1] for row in grid(table)] == ["三级指标", "甲", "乙", "丙"]
    assert [cell.place.page for cell in table.cells if cell.column == 2] == [1, 1, 1, 2]
    assert not any(cell.flags for cell in table.cells)


def test_a_row_cut_by_the_page_end_is_glued_and_marked(tmp_path: Path) -> None:
    first = [HEADER, ("产出指标", "接处警出警群众\n满意情况调查回访", "≥95%", "10", "9.5")]
    second = [("", "完成率", "", "", ""), ("效益指标", "乙", "2", "20", "20")]

    def one(page: PdfPage) -> None:
        page.table(72, 600, (90, 72, 80, 60, 60), first, height=36)

    document = read(pdf(tmp_path / "a.pdf", one, lambda page: page.table(72, 72, (90, 72, 80, 60, 60), second)))
    (table,) = document.tables()
    assert table.rows == 3
    assert grid(table)[1] == ["产出指标", "接处警出警群众满意情况调查回访完成率", "≥95%", "10", "9.5"]
    (glued,) = [cell for cell in table.cells if CellFlag.GLUED in cell.flags]
    assert glued.column == 2


def test_a_new_row_at_the_top_of_a_page_is_not_glued(tmp_path: Path) -> None:
    first = [HEADER, ("产出指标", "甲", "1", "10", "10")]
    second = [("", "乙", "2", "20", "20"), ("效益指标", "丙", "3", "30", "30")]
    document = read(
        pdf(
            tmp_path / "a.pdf",
            lambda page: page.table(72, 700, WIDTHS, first),
            lambda page: page.table(72, 72, WIDTHS, second),
        )
    )
    (table,) = document.tables()
    assert [row[1:] for row in grid(table)][1:] == [
        ["甲", "1", "10", "10"],
        ["乙", "2", "20", "20"],
        ["丙", "3", "30", "30"],
    ]
    assert grid(table)[2][0] == "产出指标"  # the merged level goes on over the page end
    (carried,) = [cell for cell in table.cells if CellFlag.CARRIED in cell.flags]
    assert carried.text == "产出指标"


def test_text_between_two_tables_keeps_them_apart(tmp_path: Path) -> None:
    def two(page: PdfPage) -> None:
        page.text(96, 60, "附件2")
        page.table(72, 90, WIDTHS, [HEADER, ("x", "乙", "2", "20", "20")])

    path = pdf(
        tmp_path / "a.pdf", lambda page: page.table(72, 700, WIDTHS, [HEADER, ("x", "甲", "1", "10", "10")]), two
    )
    assert len([*read(path).tables()]) == 2


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_page_is_read_as_it_is_looked_at(tmp_path: Path, angle: int) -> None:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen import canvas

    path = tmp_path / "a.pdf"
    width, height = A4
    surface = canvas.Canvas(str(path), pagesize=A4)
    surface.setPageRotation(angle)
    if angle == 90:
        surface.translate(width, 0)
        surface.rotate(90)
        shown_height = width
    elif angle == 180:
        surface.translate(width, height)
        surface.rotate(180)
        shown_height = height
    else:
        surface.translate(0, height)
        surface.rotate(270)
        shown_height = width
    page = PdfPage(surface)
    page.height = shown_height
    page.text(96, 60, "横排标题")
    page.table(72, 100, WIDTHS, [HEADER, ("产出指标", "甲", "1", "10", "9")])
    surface.showPage()
    surface.save()
    document = read(path)
    assert texts(document) == ["横排标题"]
    (table,) = document.tables()
    assert grid(table) == [[*HEADER], ["产出指标", "甲", "1", "10", "9"]]


def picture(path: Path) -> Path:
    from PIL import Image

    Image.new("L", (800, 1100), 200).save(path)
    return path


def test_a_scanned_pdf_is_recognised_as_such_and_never_read_as_empty(tmp_path: Path) -> None:
    image = picture(tmp_path / "p.png")
    path = pdf(tmp_path / "a.pdf", lambda page: page.page.drawImage(str(image), 0, 0, 595, 842))
    reading = read_file(path)
    assert reading.error is not None
    assert reading.error.code == "scan-needs-ocr"
    assert "--ocr" in reading.error.message


def test_one_scanned_page_among_text_is_a_warning_that_names_it(tmp_path: Path) -> None:
    image = picture(tmp_path / "p.png")
    path = pdf(
        tmp_path / "a.pdf",
        lambda page: page.text(96, 100, "正文"),
        lambda page: page.page.drawImage(str(image), 0, 0, 595, 842),
    )
    document = read(path)
    assert texts(document) == ["正文"]
    assert any("第2页" in warning for warning in document.warnings)
    assert document.file.pages == 2


def rows(document: Document) -> list[list[str]]:
    return [
        ["".join(cell.text.split()) if cell else "" for cell in row]
        for table in document.tables()
        for row in table.owners()
    ]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside the project")
@pytest.mark.parametrize("name", ["s000", "s001", "s004"])
def test_the_real_reports_read_alike_from_word_and_pdf(name: str) -> None:
    word, printed = read(CORPUS / f"{name}.docx"), read(CORPUS / f"{name}.pdf")
    assert rows(printed) == rows(word)
    ours = {"".join(block.full_text.split()) for block in word.paragraphs()}
    theirs = {"".join(block.text.split()) for block in printed.paragraphs()}
    assert len(ours - theirs) <= 2  # a title that Word breaks into two paragraphs is one on the page


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("extra", [0, 3, 7, 12])
def test_a_long_table_survives_wherever_the_page_ends_fall(tmp_path: Path, extra: int) -> None:
    document = docx.Document()
    for _ in range(extra):
        document.add_paragraph("前文。")
    table = document.add_table(0, 5, style="Table Grid")
    for number in range(70):
        cells = table.add_row().cells
        name = f"指标{numbers(number, 3 + number * 7 % 40)}完成情况"
        for cell, text in zip(cells, ("产出指标", name, f"≥{number}件", "10", "9.5"), strict=True):
            cell.text = text
    source = tmp_path / "long.docx"
    document.save(str(source))
    command = [
        "soffice",
        "--headless",
        f"-env:UserInstallation=file://{tmp_path}/lo",
        "--convert-to",
        "pdf",
        "--outdir",
    ]
    subprocess.run([*command, str(tmp_path), str(source)], check=True, capture_output=True, timeout=120)
    assert rows(read(tmp_path / "long.pdf")) == rows(read(source))


def test_a_table_drawn_inside_a_form_object_is_found_too(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        page.page.beginForm("grid")
        page.table(72, 120, WIDTHS, [HEADER, ("产出指标", "甲", "1", "10", "9")])
        page.page.endForm()
        page.page.doForm("grid")

    (table,) = read(pdf(tmp_path / "a.pdf", draw)).tables()
    assert grid(table) == [[*HEADER], ["产出指标", "甲", "1", "10", "9"]]
