"""A file is cut into its reports, and what a report says stays with it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interpreting_tables import document, table

from models.document import Cell, Source, Table
from models.facts import ReportKind
from tasks.interpreting import interpret
from tasks.interpreting.segments import title_kind

FORM = """
{name}项目支出绩效自评表（2024年度）|<|<|<|<|<|<
项目名称|{name}|<|<|<|<|<
预算执行情况（万元）|年初预算数|全年预算数|全年执行数|执行率|分值|得分
总额|{budget}|{budget}|{budget}|100%|10|10
一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分
产出指标|数量指标|{name}次数|≥2次|2次|90|90
总分|<|<|<|<|100|100
存在问题|{name}经费偏少。|<|<|<|<|<
"""


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("青禾县民政局2024年度部门整体支出绩效自评报告", ReportKind.DEPARTMENT),
        ("2023年部门预算整体绩效评价报告", ReportKind.DEPARTMENT),
        ("部门预算支出绩效自评表", ReportKind.DEPARTMENT),
        ("部门预算项目支出绩效自评表（2024年度）", ReportKind.PROJECT),
        ("项目支出绩效自评表", ReportKind.PROJECT),
        ("第二部分 2023年度部门决算情况说明", ReportKind.FINAL_ACCOUNTS),
        ("青禾县民政局2024年度部门决算", ReportKind.FINAL_ACCOUNTS),
        ("一般工作总结", None),
        ("绩效目标设置完整、明确、量化", None),
    ],
)
def test_a_title_tells_the_kind_of_report(title: str, kind: ReportKind | None) -> None:
    assert title_kind(title) is kind


def whole_file():
    return interpret(
        document(
            "第一部分 部门概况",
            "一、部门职责\n青禾县民政局属于一级预算单位。",
            "第二部分 2024年度部门决算情况说明",
            "一、收入决算情况说明\n2024年度本年收入合计500万元。",
            "第四部分 附件\n附件1\n2024年部门整体支出绩效自评报告",
            "一、资金情况\n2024年收入总额500万元。\n二、评价结论\n整体支出自评得分为88分。\n三、存在问题\n预算编制不细。",
            table(FORM.format(name="临时救助", budget="30"), 1),
            table(FORM.format(name="慈善宣传", budget="5"), 2),
            "附件2\n2024年度青禾县民政局项目支出绩效自评报告\n（养老服务项目）",
            "一、概况\n2024年年初预算120万元。\n二、评价结论\n自评得分为分。\n三、改进措施\n加快拨付。",
            "第五部分 附表\n一、收入支出决算总表",
        )
    )


def test_final_accounts_annexes_and_forms_are_separate_reports() -> None:
    facts = whole_file()
    assert [(one.id, one.kind, one.self_score) for one in facts.reports] == [
        ("r1", ReportKind.FINAL_ACCOUNTS, None),
        ("r2", ReportKind.DEPARTMENT, Decimal(88)),
        ("r3", ReportKind.PROJECT, Decimal(100)),
        ("r4", ReportKind.PROJECT, Decimal(100)),
        ("r5", ReportKind.PROJECT, None),
    ]
    assert facts.reports[1].title == "2024年部门整体支出绩效自评报告"
    assert facts.reports[4].title == "2024年度青禾县民政局项目支出绩效自评报告（养老服务项目）"


def test_the_files_score_is_that_of_the_overall_report() -> None:
    facts = whole_file()
    assert (facts.department, facts.fiscal_year, facts.self_score) == ("青禾县民政局", "2024", Decimal(88))


def test_facts_carry_the_report_they_stand_in() -> None:
    facts = whole_file()
    assert {(one.key, one.report) for one in facts.money} == {("revenue_total", "r1"), ("revenue_total", "r2")}
    assert [(one.name, one.report, one.budget) for one in facts.projects] == [
        ("临时救助", "r3", Decimal(30)),
        ("慈善宣传", "r4", Decimal(5)),
        ("养老服务", "r5", Decimal(120)),
    ]
    assert [(one.project, one.report) for one in facts.indicators] == [("临时救助", "r3"), ("慈善宣传", "r4")]
    assert [(one.project, one.text) for one in facts.problems] == [
        (None, "预算编制不细。"),
        ("临时救助", "临时救助经费偏少。"),
        ("慈善宣传", "慈善宣传经费偏少。"),
    ]
    assert [(one.project, one.text) for one in facts.measures] == [("养老服务", "加快拨付。")]


def test_a_blank_score_of_an_annex_stays_with_the_annex() -> None:
    assert [one.score_blank for one in whole_file().reports] == [False, False, False, False, True]


def test_one_project_under_two_names_is_one_project_and_a_contradiction_is_asked() -> None:
    facts = interpret(
        document(
            "青禾县民政局2024年度部门整体支出绩效自评报告",
            "一、项目情况\n“养老服务工作经费”项目全年预算数40万元，执行数为38万元，完成预算的95%。",
            table(FORM.format(name="养老服务", budget="30")),
        )
    )
    (project,) = facts.projects
    assert (project.name, project.budget) == ("养老服务", Decimal(30))
    assert any(one.field == "projects.budget" and "40" in one.message for one in facts.questions)


def test_a_list_of_annexes_opens_no_reports() -> None:
    facts = interpret(
        document(
            "青禾县民政局2024年度部门整体支出绩效自评报告\n一、概况\n情况良好。\n"
            "附表：\n1.部门预算支出绩效自评表\n2.临时救助项目支出绩效自评表"
        )
    )
    assert len(facts.reports) == 1


def test_a_file_without_any_title_is_one_report() -> None:
    facts = interpret(document("整体情况良好。\n自评得分为90分。"))
    assert [one.kind for one in facts.reports] == [ReportKind.DEPARTMENT]
    assert facts.self_score == Decimal(90)


def test_an_empty_file_is_a_report_with_nothing_in_it() -> None:
    facts = interpret(document())
    assert len(facts.reports) == 1
    assert facts.department is None


HEADS = ["项目名称", "部门名称", "一级指标", "二级指标", "三级指标", "指标值", "完成值", "分值", "得分", "计分标准"]
AMOUNTS = ["年初预算数", "全年预算数", "执行数", "执行率", "总额", "其他资金", "合计", "总分", "存在问题", "改进措施"]
VALUES = ["≥5次", "10", "100%", "/", "优", "", "青禾县民政局", "（2024年度）", "项目支出绩效自评表"]
LABELS = st.sampled_from([*HEADS, *AMOUNTS, *VALUES])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(LABELS, min_size=1, max_size=7), min_size=1, max_size=9))
def test_no_arrangement_of_labels_breaks_the_interpreter(rows: list[list[str]]) -> None:
    cells = [(r, c, text) for r, row in enumerate(rows, start=1) for c, text in enumerate(row, start=1)]
    grid = Table(
        number=1,
        rows=len(rows),
        columns=max(len(row) for row in rows),
        cells=tuple(Cell(row=r, column=c, text=text, place=Source(table=1, row=r, column=c)) for r, c, text in cells),
        place=Source(table=1),
    )
    facts = interpret(document("正文", grid))
    assert facts == interpret(document("正文", grid))
    assert all(one.source.table == 1 for one in (*facts.indicators, *facts.rubric, *facts.projects, *facts.money))


def test_a_table_that_says_nothing_we_know_is_always_asked_about() -> None:
    facts = interpret(
        document("青禾县民政局2024年度部门整体支出绩效自评报告", table("甲|乙\n丙|丁"), table("戊|己", 2))
    )
    assert [one.source.table for one in facts.questions if one.field == "table"] == [1, 2]


def test_two_rows_of_a_list_with_one_name_and_other_figures_are_two_projects() -> None:
    facts = interpret(
        document(
            "青禾县民政局2024年度部门整体支出绩效自评报告",
            table("项目名称|年初预算数|执行数|执行率\n临时救助|30|30|100%\n临时救助|12|6|50%"),
        )
    )
    assert [(one.name, one.budget) for one in facts.projects] == [("临时救助", Decimal(30)), ("临时救助", Decimal(12))]
