"""Notice, outline, bulletin, result and reply form: the official layout and what they say."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import pytest
import writing_samples as samples
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from models.states import Stage
from tasks.writing.bulletin import BulletinView, ResultView, write_bulletin, write_result
from tasks.writing.dates import chinese_date
from tasks.writing.fingerprint import fingerprint_of
from tasks.writing.fonts import BODY, TITLE
from tasks.writing.notice import NoticeView, OutlineView, broken_title, write_notice, write_outline
from tasks.writing.rubric import rubric_rows

NOTICE = NoticeView(
    bureau=samples.BUREAU,
    document_number="青财绩〔2025〕5号",
    title="关于开展2024年度部门预算绩效评价工作的通知",
    fiscal_year=2024,
    addressees="各预算部门",
    submit_by=date(2025, 4, 30),
    mailbox="jx@qinghe.example",
    contact="绩效股",
    issued_on=date(2025, 3, 5),
    stage_dates={Stage.DRAW: date(2025, 7, 1), Stage.RECTIFY_BY: date(2025, 11, 30)},
    copied_to="县审计局",
)
BULLETIN = BulletinView(
    results=samples.results(),
    bureau=samples.BUREAU,
    document_number="青财绩〔2025〕18号",
    issued_on=date(2025, 10, 15),
    rectify_by=date(2025, 11, 30),
)


def opened(content: bytes) -> WordDocument:
    return Document(io.BytesIO(content))


def text(document: WordDocument) -> list[str]:
    return ["".join(t.text or "" for t in p.iter(qn("w:t"))) for p in document.element.body.iter(qn("w:p"))]


def grid(document: WordDocument, number: int) -> list[list[str]]:
    rows = list(document.element.body.iter(qn("w:tbl")))[number].iter(qn("w:tr"))
    return [["".join(t.text or "" for t in cell.iter(qn("w:t"))) for cell in row.iter(qn("w:tc"))] for row in rows]


def test_the_page_is_that_of_the_national_standard() -> None:
    document = opened(write_notice(NOTICE))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(margin / Mm(1)) for margin in margins] == [37, 35, 28, 26]
    normal = document.styles["Normal"]
    assert normal.font.size == Pt(16) and normal.paragraph_format.line_spacing == Pt(28)
    assert normal.element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) == BODY


def test_the_notice_has_every_part_of_an_official_document_in_order() -> None:
    lines = [line for line in text(opened(write_notice(NOTICE))) if line]
    parts = (
        "青禾县财政局文件",
        "青财绩〔2025〕5号",
        "青禾县财政局",
        "各预算部门：",
        "各部门应于2025年4月30日前将上述材料报送我局。",
        "附件：1. 部门整体支出绩效自评报告提纲",
        "2. 部门整体支出绩效自评表",
        "3. 项目支出绩效自评表",
        "4. 绩效自评工作簿（电子表格，每部门一份）",
        "2025年3月5日",
    )
    places = [lines.index(part) for part in parts]
    assert places == sorted(places)
    assert "抄送：县审计局。" in lines and "青禾县财政局办公室2025年3月5日印发" in lines
    assert any("2025年7月1日起按照公开的随机方法" in line for line in lines)


def test_notice_outline_and_workbook_count_the_annexes_alike() -> None:
    view = OutlineView(bureau=samples.BUREAU, fiscal_year=2024, rubric=tuple(rubric_rows(samples.rules())))
    lines = [line for line in text(opened(write_outline(view))) if line]
    marks = {line: lines[number + 1] for number, line in enumerate(lines) if re.fullmatch(r"附件\d", line)}
    assert marks == {
        "附件1": "2024年部门整体支出绩效自评报告",
        "附件2": "2024年部门整体支出绩效自评表",
        "附件3": "项目支出绩效自评表（2024年度）",
    }
    notice = "".join(text(opened(write_notice(NOTICE))))
    for mark, what in (("附件1", "所列提纲"), ("附件2", "中的评价指标"), ("附件4", "中填写")):
        assert f"{mark}{what}" in notice


def test_dates_that_are_not_set_are_not_mentioned() -> None:
    lines = "".join(text(opened(write_notice(NOTICE.model_copy(update={"stage_dates": {}})))))
    assert "抽取部分部门" not in lines and "None" not in lines


@pytest.mark.parametrize("bureau", ["某县财政局", "某某某某自治州某某经济技术开发区管理委员会财政金融局"])
def test_the_red_head_fits_the_width_of_the_text(bureau: str) -> None:
    head = opened(write_notice(NOTICE.model_copy(update={"bureau": bureau}))).paragraphs[0]
    assert head.text == f"{bureau}文件"
    assert head.runs[0].font.size.mm * len(head.text) <= 156
    assert head.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")) == TITLE


def test_what_a_file_cannot_hold_is_left_out_of_the_text() -> None:
    lines = text(opened(write_notice(NOTICE.model_copy(update={"contact": "绩\x00效\u202e股<w:p>&"}))))
    assert any("联系人：绩效股<w:p>&" in line for line in lines)


@pytest.mark.parametrize(
    "title",
    [
        "关于开展2024年度部门预算绩效评价工作的通知",
        "通知",
        "关于更正2024年度部门整体支出绩效自评和评价工作通知有关事项的通知",
        "长" * 90,
    ],
)
def test_a_broken_title_loses_nothing_and_fits_the_line(title: str) -> None:
    lines = broken_title("青禾县财政局", title)
    assert "".join(lines) == f"青禾县财政局{title}"
    assert all(0 < len(line) <= 20 for line in lines)


def test_a_date_is_written_without_leading_zeros() -> None:
    assert chinese_date(date(2025, 3, 5)) == "2025年3月5日"


def test_the_outline_holds_the_rubric_and_the_forbidden_line_is_marked() -> None:
    view = OutlineView(bureau=samples.BUREAU, fiscal_year=2024, rubric=rubric_rows(samples.rules()))
    document = opened(write_outline(view))
    rubric = grid(document, 0)
    assert rubric[0] == ["一级指标", "二级指标", "三级指标", "指标分值", "计分标准", "自评得分", "备注"]
    scores = {row[2]: row[5] for row in rubric[1:13]}
    assert list(scores) == [rule.label for rule in samples.rules().rules]
    assert {label for label, score in scores.items() if score} == {"自评准确"}
    assert scores["自评准确"] == "不填"
    assert any("自评得分为　　分。（自评满分90分）" in line for line in text(document))


def test_the_bulletin_ranks_all_departments_and_names_the_silent_one() -> None:
    document = opened(write_bulletin(BULLETIN))
    table = grid(document, 0)
    assert [row[1] for row in table[1:]] == [department.name for department in BULLETIN.results.departments]
    assert table[-1][0] == "—" and table[-1][7] == "未报送"
    lines = "".join(text(document))
    assert "青禾县民政局未按通知要求报送自评材料" in lines
    assert "2025年11月30日前完成整改" in lines
    assert "E+" not in lines and "None" not in lines


def test_a_result_explains_every_line() -> None:
    department = next(d for d in BULLETIN.results.departments if d.spot_checked)
    view = ResultView(
        department=department,
        fiscal_year=2024,
        bureau=samples.BUREAU,
        document_number="青财绩函〔2025〕1号",
        issued_on=date(2025, 9, 10),
        object_by=date(2025, 9, 24),
    )
    document = opened(write_result(view))
    assert [row[6] for row in grid(document, 0)[1:]] == [line.explanation for line in department.lines]
    assert "请于2025年9月24日前书面提出" in "".join(text(document))


def test_a_result_for_a_silent_department_gives_no_score() -> None:
    silent = next(d for d in BULLETIN.results.departments if d.status == "not_submitted")
    view = ResultView(
        department=silent, fiscal_year=2024, bureau=samples.BUREAU, document_number="一", issued_on=date(2025, 9, 10)
    )
    lines = "".join(text(opened(write_result(view))))
    assert "不评定得分和等级" in lines and "最终得分" not in lines


def test_documents_name_alternatives_for_fonts_that_are_missing() -> None:
    with zipfile.ZipFile(io.BytesIO(write_notice(NOTICE))) as package:
        fonts = package.read("word/fontTable.xml").decode()
    assert "方正小标宋简体" in fonts and "FangSong" in fonts


def test_a_document_without_a_mark_has_none() -> None:
    assert fingerprint_of(write_notice(NOTICE)) is None
