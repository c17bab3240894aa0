"""Files for the reading tests (测试文件), made on the spot: honest ones of each format and hostile ones."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import docx
import openpyxl
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "files"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_RELATIONS = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
_RELATION = '<Relationship Id="r{0}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{1}" Target="{2}"/>'

# The table that every format holds: merged cells, a repeated value, a blank score, a percent.
ROWS = (
    ("一级指标", "三级指标", "目标值", "完成值", "权重", "得分"),
    ("产出指标", "宣传场次", "≥12场次", "15场次", "10", "10"),
    ("", "案件办结率", "≥95%", "97%", "20", ""),
    ("效益指标", "群众满意度", "≥90%", "92%", "10", "9.5"),
)


def raw_docx(path: Path, body: str, *, numbering: str = "", styles: str = "", **parts: str) -> Path:
    """A Word file from the XML of its body (原始XML的docx)."""
    relations = [_RELATION.format(1, "officeDocument", "word/document.xml")]
    inner = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATIONS.format("".join(relations)))
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
        for name, xml in (("numbering", numbering), ("styles", styles)):
            if xml:
                inner.append(_RELATION.format(name, name, f"{name}.xml"))
                archive.writestr(f"word/{name}.xml", f'<w:{name} xmlns:w="{W}">{xml}</w:{name}>')
        archive.writestr("word/_rels/document.xml.rels", _RELATIONS.format("".join(inner)))
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def p(text: str, properties: str = "") -> str:
    """A paragraph (段落XML)."""
    inner = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f'<w:p>{inner}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def tc(text: str, properties: str = "") -> str:
    """A table cell (单元格XML)."""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    """A table row (表行XML)."""
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def tbl(*rows: str) -> str:
    """A table (表格XML)."""
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def plain_docx(path: Path, title: str = "自评报告", rows: Sequence[Sequence[str]] = ROWS) -> Path:
    """A Word file by python-docx with a title and a table, first column merged over rows 2 and 3."""
    document = docx.Document()
    document.add_heading(title, 1)
    document.add_paragraph("自评得分为90分。")
    table = document.add_table(len(rows), len(rows[0]))
    for row, values in zip(table.rows, rows, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    if len(rows) > 2 and not rows[2][0]:
        table.cell(1, 0).merge(table.cell(2, 0))
    document.save(str(path))
    return path


def plain_xlsx(path: Path) -> Path:
    """A workbook with a merged title row, the common table, and numbers that only their format explains."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "自评表"
    sheet["A1"] = "项目支出绩效自评表"
    sheet.merge_cells("A1:F1")
    for number, row in enumerate(ROWS, 3):
        for column, value in enumerate(row, 1):
            if value:
                sheet.cell(number, column, value)
    sheet.merge_cells("A4:A5")
    sheet["A8"], sheet["B8"] = "执行率", 1
    sheet["B8"].number_format = "0.00%"
    sheet["A9"], sheet["B9"] = "执行数", 9152.566
    sheet["B9"].number_format = '#,##0.00"万元"'
    book.save(path)
    return path


def _font(page: canvas.Canvas, size: float) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    page.setFont("STSong-Light", size)


class PdfPage:
    """Draws one A4 page with coordinates from the top (PDF页面)."""

    def __init__(self, page: canvas.Canvas) -> None:
        self.page = page
        self.height = A4[1]

    def text(self, x: float, y: float, text: str, size: float = 12) -> None:
        _font(self.page, size)
        self.page.drawString(x, self.height - y, text)

    def table(
        self, x: float, y: float, widths: Sequence[float], rows: Sequence[Sequence[str]], height: float = 24
    ) -> None:
        """A ruled table; a cell whose text is None belongs to the cell above."""
        for number, row in enumerate(rows):
            top = y + number * height
            left = x
            for width, text in zip(widths, row, strict=True):
                below = rows[number + 1][list(widths).index(width)] if number + 1 < len(rows) else ""
                if text is not None:
                    self.page.line(left, self.height - top, left + width, self.height - top)
                if number == len(rows) - 1 or below is not None:
                    self.page.line(left, self.height - top - height, left + width, self.height - top - height)
                for edge in (left, left + width):
                    self.page.line(edge, self.height - top, edge, self.height - top - height)
                for position, line in enumerate((text or "").split("\n")):
                    self.text(left + 4, top + 14 + 11 * position, line, 9)
                left += width


def pdf(path: Path, *draw: object, password: str | None = None, rotate: int = 0) -> Path:
    """A PDF with one page for each function in ``draw`` (PDF文件)."""
    page = canvas.Canvas(str(path), pagesize=A4, encrypt=password)
    for function in draw:
        if rotate:
            page.setPageRotation(rotate)
        function(PdfPage(page))  # type: ignore[operator]
        page.showPage()
    page.save()
    return path


def flate_bomb_pdf(path: Path, megabytes: int) -> Path:
    """A PDF whose page content inflates to ``megabytes`` (PDF压缩炸弹)."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"0 0 m 9 9 l S\n" * 75_000) for _ in range(megabytes)) + packer.flush()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
    ]
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = out.tell()
    out.write(b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start)
    path.write_bytes(out.getvalue())
    return path


def gbk_zip(path: Path, files: dict[str, bytes]) -> Path:
    """A zip as Windows makes it: names in GBK, no UTF-8 flag (GBK文件名的zip)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.encode("gbk").decode("cp437"), content)
    data = bytearray(path.read_bytes())
    # Python marks such names as UTF-8: write the GBK bytes and clear the flag, as Windows does.
    for name in files:
        utf8, gbk = name.encode("gbk").decode("cp437").encode(), name.encode("gbk")
        position = 0
        while (position := data.find(utf8, position)) >= 0:
            is_local = data[position - 30 : position - 26] == b"PK\x03\x04"
            header = position - 30 if is_local else position - 46
            flag, length = (header + 6, header + 26) if is_local else (header + 8, header + 28)
            data[flag : flag + 2] = b"\x00\x00"
            data[length : length + 2] = len(gbk).to_bytes(2, "little")
            data[position : position + len(utf8)] = gbk
            position += len(gbk)
    _fix_offsets(data)
    path.write_bytes(bytes(data))
    return path


def _fix_offsets(data: bytearray) -> None:
    """Put the places of the members and of the directory right again after names got shorter."""
    locals_ = []
    position = 0
    while (position := data.find(b"PK\x03\x04", position)) >= 0:
        locals_.append(position)
        position += 4
    directory = data.find(b"PK\x01\x02")
    position, number = directory, 0
    while data[position : position + 4] == b"PK\x01\x02":
        data[position + 42 : position + 46] = locals_[number].to_bytes(4, "little")
        sizes = [int.from_bytes(data[position + at : position + at + 2], "little") for at in (28, 30, 32)]
        position += 46 + sum(sizes)
        number += 1
    end = data.find(b"PK\x05\x06")
    data[end + 12 : end + 16] = (end - directory).to_bytes(4, "little")
    data[end + 16 : end + 20] = directory.to_bytes(4, "little")
