"""Word files: what a reader of the page sees is read, once, where it stands; and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_samples import CORPUS, ROWS, W, p, plain_docx, raw_docx, tbl, tc, tr

from models.document import Document, Paragraph, Table
from tasks.reading import parse
from tasks.reading.numerals import counting, formatted, roman

NUMBERED = (
    '<w:abstractNum w:abstractNumId="1">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>'
    '<w:lvl w:ilvl="2"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%3"/></w:lvl>'
    '</w:abstractNum><w:abstractNum w:abstractNumId="2"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="·"/></w:lvl>'
    '</w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="6"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    '<w:num w:numId="7"><w:abstractNumId w:val="2"/></w:num>'
)


def read(path: Path) -> Document:
    (document,) = parse(path)
    return document


def texts(document: Document) -> list[str]:
    return [block.full_text for block in document.blocks if isinstance(block, Paragraph)]


def grid(table: Table) -> list[list[str | None]]:
    return [[cell.text if cell else None for cell in row] for row in table.owners()]


def in_list(number: int, level: int = 0) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def test_tracked_insertions_are_read_and_deletions_are_not(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>得分</w:t></w:r><w:del><w:r><w:delText>88</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>92</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>旧</w:t></w:r></w:moveFrom>"
        "<w:moveTo><w:r><w:t>分</w:t></w:r></w:moveTo></w:p>"
    )
    assert texts(read(raw_docx(tmp_path / "a.docx", body))) == ["得分92分"]


def test_a_deleted_paragraph_end_joins_two_paragraphs(tmp_path: Path) -> None:
    body = p("前半", "<w:rPr><w:del/></w:rPr>") + p("后半")
    assert texts(read(raw_docx(tmp_path / "a.docx", body))) == ["前半后半"]


def test_a_deleted_or_hidden_row_is_left_out(tmp_path: Path) -> None:
    rows = (
        tr(tc("甲"), tc("1")),
        tr(tc("乙"), tc("2"), properties="<w:del/>"),
        tr(tc("丙"), tc("3"), properties="<w:hidden/>"),
    )
    (table,) = read(raw_docx(tmp_path / "a.docx", tbl(*rows))).tables()
    assert grid(table) == [["甲", "1"]]


def test_hidden_text_is_left_out_also_by_style(tmp_path: Path) -> None:
    styles = (
        '<w:style w:type="character" w:styleId="C"><w:name w:val="c"/><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="P"><w:name w:val="p"/><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Q"><w:name w:val="q"/><w:basedOn w:val="P"/></w:style>'
    )
    body = (
        "<w:p><w:r><w:t>可见</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>不见</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>也可见</w:t></w:r>'
        '<w:r><w:rPr><w:rStyle w:val="C"/></w:rPr><w:t>不见</w:t></w:r></w:p>' + p("不见", '<w:pStyle w:val="Q"/>')
    )
    assert texts(read(raw_docx(tmp_path / "a.docx", body, styles=styles))) == ["可见也可见"]


def test_a_field_shows_its_result_and_not_its_code(tmp_path: Path) -> None:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    body = (
        f"<w:p><w:r><w:t>共</w:t></w:r>{mark('begin')}<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>码</w:t></w:r>"
        f"{mark('separate')}<w:r><w:t>3</w:t></w:r>{mark('end')}<w:r><w:t>页</w:t></w:r></w:p>"
    )
    assert texts(read(raw_docx(tmp_path / "a.docx", body))) == ["共3页"]


def test_content_controls_text_boxes_and_smart_tags_are_read(tmp_path: Path) -> None:
    box = f"<w:txbxContent>{p('框内95分')}</w:txbxContent>"
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    body = (
        f"<w:sdt><w:sdtContent>{p('控件段')}{tbl(tr(tc('控件表'), tc('1')))}</w:sdtContent></w:sdt>"
        f'<w:p><w:r><mc:AlternateContent xmlns:mc="{mc}"><mc:Choice><w:drawing><a>{box}</a></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        "<w:p><w:smartTag><w:r><w:t>标记</w:t></w:r></w:smartTag><w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink></w:p>"
    )
    document = read(raw_docx(tmp_path / "a.docx", body))
    assert texts(document) == ["控件段", "框内95分", "标记链接"]
    assert [grid(table) for table in document.tables()] == [[["控件表", "1"]]]


def test_nested_tables_are_tables_of_their_own_and_frames_are_text(tmp_path: Path) -> None:
    inner = tbl(tr(tc("问题"), tc("措施")))
    frame = tbl(tr(tc("框中字")))
    body = tbl(tr(f"<w:tc>{p('外')}{inner}{p('')}</w:tc>", f"<w:tc>{frame}{p('')}</w:tc>"))
    first, second = read(raw_docx(tmp_path / "a.docx", body)).tables()
    assert grid(first) == [["外", "框中字"]]
    assert grid(second) == [["问题", "措施"]]


def test_merged_cells_and_indented_rows_stand_where_they_stand(tmp_path: Path) -> None:
    body = tbl(
        tr(tc("标题", '<w:gridSpan w:val="3"/>')),
        tr(tc("一级", '<w:vMerge w:val="restart"/>'), tc("10"), tc("10")),
        tr(tc("", "<w:vMerge/>"), tc("20"), tc("")),
        tr(tc("7"), tc("8"), properties='<w:gridBefore w:val="1"/>'),
    )
    (table,) = read(raw_docx(tmp_path / "a.docx", body)).tables()
    assert grid(table) == [["标题"] * 3, ["一级", "10", "10"], ["一级", "20", ""], [None, "7", "8"]]
    (level,) = [cell for cell in table.cells if cell.text == "一级"]
    assert (level.row, level.column, level.row_span) == (2, 1, 2)
    assert (level.place.table, level.place.row, level.place.column) == (1, 2, 1)


def test_equal_neighbours_are_both_kept(tmp_path: Path) -> None:
    (table,) = read(plain_docx(tmp_path / "a.docx")).tables()
    assert grid(table)[1] == ["产出指标", "宣传场次", "≥12场次", "15场次", "10", "10"]
    assert grid(table)[2] == ["产出指标", "案件办结率", "≥95%", "97%", "20", ""]


def test_automatic_chinese_numbers_are_counted_as_word_counts(tmp_path: Path) -> None:
    body = (
        p("总述", in_list(5)) + p("小节", in_list(5, 1)) + p("小节", in_list(5, 1)) + p("点", in_list(5, 2))
        + p("分述", in_list(5)) + p("小节", in_list(5, 1)) + p("圆点", in_list(7)) + p("重来", in_list(6)) + p("续", in_list(6))
        + p("", in_list(5)) + p("再续", in_list(5)) + p("无号", in_list(0))
    )  # fmt: skip
    document = read(raw_docx(tmp_path / "a.docx", body, numbering=NUMBERED))
    assert texts(document) == [
        "一、总述", "（一）小节", "（二）小节", "1.3点", "二、分述", "（一）小节", "圆点", "一、重来", "二、续", "四、再续", "无号",
    ]  # fmt: skip
    first = next(document.paragraphs())
    assert (first.number, first.text) == ("一、", "总述")


def test_numbers_come_from_styles_and_into_cells(tmp_path: Path) -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 2"/><w:pPr>'
        '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="5"/></w:numPr></w:pPr></w:style>'
    )
    body = p("职能", '<w:pStyle w:val="H"/>') + tbl(
        tr(f"<w:tc>{p('甲项', in_list(6))}{p('乙项', in_list(6))}</w:tc>", tc("x"))
    )
    document = read(raw_docx(tmp_path / "a.docx", body, numbering=NUMBERED, styles=styles))
    heading = next(document.paragraphs())
    assert (heading.full_text, heading.heading_level) == ("（一）职能", 2)
    (table,) = document.tables()
    assert table.cells[0].text == "一、甲项\n二、乙项"


def test_symbols_fractions_and_breaks_become_text(tmp_path: Path) -> None:
    m = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    body = (
        '<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t>是</w:t><w:sym w:font="Symbol" w:char="F0B3"/><w:t>95</w:t>'
        "<w:br/><w:t>\uf0a3</w:t><w:noBreakHyphen/></w:r>"
        f'<m:oMath xmlns:m="{m}"><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath></w:p>'
    )
    assert texts(read(raw_docx(tmp_path / "a.docx", body))) == ["☑是≥95\n≤-1/2"]


def test_a_table_of_contents_is_left_out_and_a_tabbed_score_is_not(tmp_path: Path) -> None:
    styles = '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="toc 1"/></w:style>'
    body = p("一、概况	3", '<w:pStyle w:val="T"/>') + p("二、绩效……………………12") + p("自评得分	90")
    assert texts(read(raw_docx(tmp_path / "a.docx", body, styles=styles))) == ["自评得分\t90"]


def test_strict_files_are_read_like_others(tmp_path: Path) -> None:
    strict = W.replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006/", "http://purl.oclc.org/ooxml/wordprocessingml/"
    )
    path = raw_docx(tmp_path / "a.docx", "")
    xml = f'<w:document xmlns:w="{strict}"><w:body>{p("严格")}</w:body></w:document>'
    import zipfile

    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (parts | {"word/document.xml": xml.encode()}).items():
            archive.writestr(name, data)
    assert texts(read(path)) == ["严格"]


def test_macros_and_outside_links_are_reported(tmp_path: Path) -> None:
    path = raw_docx(tmp_path / "a.docx", p("正文"), **{"word/vbaProject.bin": "x"})
    assert any("宏" in warning for warning in read(path).warnings)


def test_invisible_characters_are_dropped_and_places_count_printed_blocks(tmp_path: Path) -> None:
    document = read(raw_docx(tmp_path / "a.docx", p("") + p("\u200b部\u202e门\u3000") + p("　") + p("二")))
    assert [(block.text, block.place.paragraph) for block in document.paragraphs()] == [("部门", 1), ("二", 2)]


@given(st.integers(1, 9999))
def test_counting_numbers_read_back(number: int) -> None:
    digits, units = "零一二三四五六七八九", {"十": 10, "百": 100, "千": 1000}
    total = digit = 0
    text = counting(number)
    for char in text:
        if char in units:
            total += (digit or 1) * units[char]
            digit = 0
        else:
            digit = digits.index(char)
    assert total + digit == number
    assert not text.endswith("零")


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        (10, "chineseCounting", "十"), (12, "chineseCountingThousand", "十二"), (20, "japaneseCounting", "二十"),
        (105, "chineseCountingThousand", "一百零五"), (3, "ideographTraditional", "丙"), (11, "decimalEnclosedCircleChinese", "⑪"),
        (2, "chineseLegalSimplified", "贰"), (27, "lowerLetter", "aa"), (4, "upperRoman", "IV"), (7, "decimalZero", "07"),
        (12, "decimalFullWidth", "１２"), (5, "nobodyKnowsThis", "5"),
    ],
)  # fmt: skip
def test_number_formats_print_as_word_prints_them(number: int, form: str, text: str) -> None:
    assert formatted(number, form) == text


def test_roman_numerals_of_a_known_year() -> None:
    assert roman(2024) == "mmxxiv"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside the project")
def test_the_hazards_file_reads_as_a_person_reads_it() -> None:
    document = read(CORPUS / "hazards.docx")
    whole = "".join(texts(document))
    assert "92分" in whole
    assert "88" not in whole
    assert "95分" in whole
    assert "隐藏" not in whole
    assert [table.rows for table in document.tables()] == [2, 1, 2]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside the project")
@pytest.mark.parametrize(("name", "rows"), [("s001", 142), ("s002", 56), ("s004", 171)])
def test_the_real_reports_keep_every_table_row(name: str, rows: int) -> None:
    assert sum(table.rows for table in read(CORPUS / f"{name}.docx").tables()) == rows


def test_rows_constant_is_what_the_sample_holds(tmp_path: Path) -> None:
    (table,) = read(plain_docx(tmp_path / "a.docx")).tables()
    assert (table.rows, table.columns) == (len(ROWS), len(ROWS[0]))
