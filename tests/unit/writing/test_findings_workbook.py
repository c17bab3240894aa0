"""The findings workbook and the card page: nothing left out, every place named, nobody's words become a formula or a page."""

from __future__ import annotations

import io
import re
from decimal import Decimal

import pytest
import writing_samples as samples
from openpyxl import Workbook, load_workbook

from models import rules
from models.document import FileIdentity, Source
from models.facts import Finding, FindingPlace, IndicatorLine, Operator, ProjectFacts, ReportFacts, Severity
from models.rules.projects import score_projects
from tasks.writing.card_page import CardView, card_page
from tasks.writing.findings_workbook import HEAD, SHEETS, FindingRow, computed_label, write_findings_workbook

HOSTILE = "=HYPERLINK(\"http://example.invalid\",'点击')"


def row(number: int = 7, severity: Severity = Severity.ERROR, **changes: object) -> FindingRow:
    found = samples.finding().model_copy(update={"severity": severity})
    return FindingRow(**({"id": number, "code": "101", "department": "清禾县水务局", "finding": found} | changes))


def written(*rows: FindingRow) -> Workbook:
    return load_workbook(io.BytesIO(write_findings_workbook(rows, fiscal_year=2025, bureau="清禾县财政局")))


def cells(book: Workbook, sheet: str) -> list[dict[str, object]]:
    head = [cell.value for cell in book[sheet][3]]
    return [dict(zip(head, values, strict=True)) for values in book[sheet].iter_rows(min_row=4, values_only=True)]


def test_each_severity_has_its_sheet_with_filters_over_all_rows() -> None:
    book = written(*(row(n, severity) for n, severity in enumerate(Severity, 1)), row(9))
    assert book.sheetnames == list(SHEETS.values())
    assert [len(cells(book, name)) for name in SHEETS.values()] == [2, 1, 1, 1]
    assert book["前后不一致"].auto_filter.ref == "A3:O5"
    assert tuple(cell.value for cell in book["前后不一致"][3]) == HEAD


def test_a_row_says_what_where_and_what_was_computed() -> None:
    (told,) = cells(written(row()), "前后不一致")
    assert (told["疑点编号"], told["部门编码"], told["部门名称"]) == (7, "101", "清禾县水务局")
    assert told["说明"] == samples.finding().message
    assert (told["引文一"], told["引文二"]) == ("自评得分90分", "80")
    assert told["出处一"] == told["出处二"] == samples.PLACE.spoken() != ""
    assert (told["计算结果"], told["处理"]) == ("合计：80", "成立")


def test_what_was_dismissed_stands_below_with_who_and_why() -> None:
    gone = row(1, dismissed_by="经办甲", dismissed_because="口径不同。")
    first, second = cells(written(gone, row(2)), "前后不一致")
    assert (first["疑点编号"], first["处理"]) == (2, "成立")
    assert (second["疑点编号"], second["处理"]) == (1, "已排除")
    assert (second["排除人"], second["排除理由"]) == ("经办甲", "口径不同。")


def test_a_third_place_is_not_dropped() -> None:
    places = tuple(FindingPlace(quote=f"{n}万元", source=Source(paragraph=n)) for n in (1, 2, 3, 4))
    (told,) = cells(written(row(finding=samples.finding().model_copy(update={"places": places}))), "前后不一致")
    assert told["其他出处"] == "第3段：3万元\n第4段：4万元"


@pytest.mark.parametrize("text", [HOSTILE, "+1+1", "-2", "@SUM(A1)", "\t=1", "a\x00b"])
def test_a_departments_words_never_become_a_formula(text: str) -> None:
    places = (FindingPlace(quote=text, source=Source(sheet=text)),) * 3
    found = Finding(code="sum-of-parts", severity=Severity.ERROR, message=text, places=places, computed={text: text})
    book = written(row(finding=found, department=text, dismissed_by=text, dismissed_because=text))
    values = [cell for line in book["前后不一致"].iter_rows(min_row=4) for cell in line if cell.value is not None]
    assert len(values) > 10
    assert {cell.data_type for cell in values} == {"n", "s"}
    assert [cell.column for cell in values if cell.data_type == "n"] == [1]


def test_equal_findings_give_equal_bytes() -> None:
    made = [write_findings_workbook([row()], fiscal_year=2025, bureau="清禾县财政局") for _ in range(2)]
    assert made[0] == made[1]


def test_an_empty_sheet_says_so() -> None:
    assert written()["前后不一致"]["A2"].value == "没有这一类疑点。"


def test_a_numbered_value_keeps_its_number_and_an_unknown_one_its_name() -> None:
    assert (computed_label("rate_3"), computed_label("difference"), computed_label("x_y")) == (
        "比率（%）3",
        "差额",
        "x_y",
    )


def facts(name: str = "校舍维修") -> ReportFacts:
    place = Source(table=3, row=7)
    project = ProjectFacts(
        name=name, budget=100, executed=90, execution_weight=10, execution_score=10, self_score=99, source=place, report="r2"
    )  # fmt: skip
    line = IndicatorLine(
        project=name, level1="产出指标", level3="维修面积", operator=Operator.AT_LEAST, target=100, actual=80, weight=90,
        score=90, source=Source(table=3, row=9), report="r2",
    )  # fmt: skip
    other = line.model_copy(update={"report": "r3", "level3": "另一份报告的指标"})
    listed = ProjectFacts(name=name, self_score=99, source=Source(table=1, row=2), report="r1")
    return ReportFacts(
        file=FileIdentity(name="自评.docx", sha256="0" * 64, format="docx"),
        projects=(listed, project),
        indicators=(line, other),
    )


def test_a_project_is_scored_on_the_lines_of_its_own_report_and_once() -> None:
    (card,) = score_projects(facts(), rules.load("practice-2025"))
    assert [(line.label, line.claimed, line.computed) for line in card.lines] == [
        ("预算执行率", Decimal(10), Decimal(9)), ("维修面积", Decimal(90), Decimal(72)),
    ]  # fmt: skip
    assert (card.claimed_total, card.computed_total) == (Decimal(99), Decimal(81))


def page(name: str = "校舍维修") -> str:
    ruleset = rules.load("practice-2025")
    card = samples.card().model_copy(update={"projects": score_projects(facts(name), ruleset)})
    citations = tuple(dict.fromkeys(r.citation.spoken() for r in rules.project_rules(ruleset)))
    return card_page(
        CardView(
            department=name,
            card=card,
            number=2,
            inputs_digest="ab" * 32,
            ruleset=ruleset.title,
            project_citations=citations,
        )
    )


def test_the_card_page_shows_claimed_computed_difference_words_citation_and_digest() -> None:
    told = page()
    assert re.search(r"\| 校舍维修 \| 99 \| 81 \| \+18 \| 0 \|", told)
    assert re.search(r"\| 维修面积 \| 90 \| 90 \| 72 \| \+18 \| .*＝72分.*完成值80.*表3第9行", told)
    card = samples.card()
    readable = told.replace("\\", "")
    assert all(line.citation.spoken() in readable for line in card.lines)
    assert card.ruleset_digest[:12] in told and "ab" * 6 in told


def test_a_departments_words_never_become_part_of_the_page() -> None:
    hostile = "<img src=x onerror=alert(1)>|[a](javascript:alert(1))`**\n# 标题"
    plain, told = page(), page(hostile)
    assert "<img" not in told and "[a](" not in told
    assert told.count("\n") == plain.count("\n")
    unescaped = re.compile(r"(?<!\\)\|")
    assert [len(unescaped.findall(line)) for line in told.splitlines()] == [
        len(unescaped.findall(line)) for line in plain.splitlines()
    ]
