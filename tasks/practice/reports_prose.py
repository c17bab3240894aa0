"""The overall report of a practice department as a paper (部门整体绩效自评报告的文字): every sentence from its data.

Connecting words vary from department to department, so that no two reports look copied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import cast

import yaml

from models.numbers import rounded, trimmed
from tasks.practice.county_model import PracticeDepartment, month_day
from tasks.practice.forms.layout import CAPTION, H1, H2, NOTE, SIGN, TITLE, Break, Grid, Line
from tasks.practice.forms.project_national import national_grid
from tasks.practice.forms.project_sichuan import sichuan_grid
from tasks.practice.forms.rubric import rubric_grid
from tasks.practice.forms.targets import targets_grid

HUNDRED = Decimal(100)
ORDINALS = ("一是", "二是", "三是", "四是")


def report_paper(
    department: PracticeDepartment, fiscal_year: int, claims: Mapping[str, Decimal]
) -> list[Line | Grid | Break]:
    """The overall report with the rubric and the table of targets (自评报告正文、评价表和目标表)."""
    total = sum(claims.values(), Decimal(0))
    paper: list[Line | Grid | Break] = [
        Line(department.name, TITLE),
        Line(f"{fiscal_year}年度部门整体支出绩效自评报告", TITLE),
        *_overview(department, fiscal_year),
        *_money(department, fiscal_year),
        Line("三、部门整体绩效管理情况", H1),
        *_management(department, fiscal_year),
        Line(f"部门整体绩效评价自评表（{fiscal_year}年度）", CAPTION),
        rubric_grid(claims),
        *_conclusion(department, fiscal_year, total),
        Line(department.name, SIGN),
        Line(f"{fiscal_year + 1}年4月", SIGN),
        Break(),
        Line("附表1", NOTE),
        Line("部门整体支出绩效目标自评表", CAPTION),
        Line(f"（{fiscal_year}年度）", CAPTION),
        targets_grid(department),
    ]
    return paper


def project_paper(department: PracticeDepartment, fiscal_year: int) -> list[Line | Grid | Break]:
    """The project forms, each on its own page (项目支出绩效自评表)."""
    form = sichuan_grid if department.layout == "sichuan" else national_grid
    paper: list[Line | Grid | Break] = []
    for number, project in enumerate(department.projects, start=2):
        if paper:
            paper.append(Break())
        paper += [
            Line(f"附表{number}", NOTE),
            Line(f"{project.name}项目支出绩效自评表", CAPTION),
            Line(f"（{fiscal_year}年度）", CAPTION),
            form(department, project),
        ]
    return paper


def _overview(department: PracticeDepartment, fiscal_year: int) -> list[Line]:
    people = (
        f"截至{fiscal_year}年12月31日，{department.name}核定编制{department.posts}人，"
        f"在职人员{department.serving}人，退休人员{department.retired}人。"
    )
    duties = [Line(f"{number}．{text}") for number, text in enumerate(department.duties, start=1)]
    return [
        Line("一、部门概况", H1),
        Line("（一）机构组成。", H2),
        Line(department.nature.replace("本部门", department.name, 1)),
        Line("（二）机构职能。", H2),
        *duties,
        Line("（三）人员概况。", H2),
        Line(people),
    ]


def _share(part: Decimal, whole: Decimal) -> str:
    return f"{rounded(part / whole * HUNDRED)}%"


def _against_last(now: Decimal, last: Decimal) -> str:
    difference = now - last
    word, rate_word = ("增加", "增长") if difference >= 0 else ("减少", "下降")
    return f"{word}{abs(difference):.2f}万元，{rate_word}{rounded(abs(difference) / last * HUNDRED)}%"


def _money(department: PracticeDepartment, fiscal_year: int) -> list[Line]:
    money = department.money
    fund = Decimal(department.planted("sum", "政府性基金预算财政拨款收入") or money.fund)
    income = (
        f"{fiscal_year}年度本年收入合计{money.revenue:.2f}万元，其中：一般公共预算财政拨款收入{money.general:.2f}万元，"
        f"占{_share(money.general, money.revenue)}；政府性基金预算财政拨款收入{fund:.2f}万元，"
        f"占{_share(money.fund, money.revenue)}。与{fiscal_year - 1}年度的{money.revenue_last:.2f}万元相比，"
        f"本年收入{_against_last(money.revenue, money.revenue_last)}。"
    )
    spending = (
        f"{fiscal_year}年度本年支出合计{money.expenditure:.2f}万元，其中：基本支出{money.basic:.2f}万元，"
        f"占{_share(money.basic, money.expenditure)}；项目支出{money.project_spent:.2f}万元，"
        f"占{_share(money.project_spent, money.expenditure)}。基本支出中，人员经费{money.personnel:.2f}万元，"
        f"公用经费{money.public:.2f}万元。与{fiscal_year - 1}年度的{money.expenditure_last:.2f}万元相比，"
        f"本年支出{_against_last(money.expenditure, money.expenditure_last)}。"
    )
    functions = "；".join(
        f"{name}{amount:.2f}万元，占{_share(amount, money.expenditure)}" for name, amount in money.by_function()
    )
    three = (
        f"“三公”经费支出合计{money.three_public:.2f}万元，其中：公务用车运行维护费{money.vehicles:.2f}万元，"
        f"公务接待费{money.reception:.2f}万元；未发生因公出国（境）费，控制在年初安排以内。"
    )
    return [
        Line("二、部门资金收支情况", H1),
        Line("（一）收入情况。", H2),
        Line(income),
        Line("（二）支出情况。", H2),
        Line(spending),
        Line(f"按功能分类：{functions}。"),
        Line(three),
        Line("（三）结转结余情况。", H2),
        Line(
            f"年初结转和结余{money.carried_in:.2f}万元，年末结转和结余{money.carry_over:.2f}万元。"
            f"年末由财政收回注销的指标为{money.written_off:.2f}万元，不在本年收入之内。"
        ),
    ]


def _management(department: PracticeDepartment, fiscal_year: int) -> list[Line]:
    money, last = department.money, department.last_year
    budget = (
        f"年初部门预算{money.initial:.2f}万元，全年预算数{money.annual:.2f}万元。{money.change_reason}，"
        f"全年预算调剂金额合计{money.gross:.2f}万元。全年执行{money.expenditure:.2f}万元，执行率{money.execution_rate}%。"
    )
    items = "、".join(f"{item.name}{item.initial:.2f}万元" for item in money.controlled)
    finals = "、".join(f"{item.name}{item.final:.2f}万元" for item in money.controlled)
    control = (
        f"年初预算安排{items}，合计{money.controlled_initial:.2f}万元；"
        f"决算数为{finals}，合计{money.controlled_final:.2f}万元。"
    )
    progress = (
        f"截至6月末、9月末、11月末，分别支付全年预算的{trimmed(department.june)}%、{trimmed(department.september)}%、"
        f"{trimmed(department.november)}%。部门项目预算{money.project_budget:.2f}万元，"
        f"12月底已支付{money.project_spent:.2f}万元，占项目预算的{money.project_rate}%。"
    )
    remedied = _phrase(department, "remedied", problems=last.problems, remedied=last.remedied)
    reply = (
        f"，整改和结果应用情况已于{fiscal_year}年{month_day(last.reported_on)}向财政部门反馈。"
        if last.reported_on
        else "。"
    )
    return [
        Line("（一）预算编制情况。", H2),
        Line(budget),
        Line("（二）预算执行情况。", H2),
        Line(control),
        Line(progress),
        Line("（三）绩效结果应用情况。", H2),
        Line(remedied + reply),
        *_published(department, fiscal_year),
        Line("（四）自评打分情况。", H2),
        Line(_opening(department)),
    ]


def _published(department: PracticeDepartment, fiscal_year: int) -> list[Line]:
    if department.published is None:
        return []
    day = month_day(department.published.day)
    address = department.published.address
    return [Line(_phrase(department, "published", year=fiscal_year + 1, day=day, address=address))]


def _opening(department: PracticeDepartment) -> str:
    names = "、".join(project.name for project in department.projects)
    return _phrase(department, "opening", projects=names, count=len(department.projects))


def _conclusion(department: PracticeDepartment, fiscal_year: int, total: Decimal) -> list[Line]:
    words = _phrase(
        department,
        "conclusion",
        name=department.name,
        year=fiscal_year,
        total=trimmed(total),
        merit=_merit(department),
    )
    return [
        Line("四、评价结论及建议", H1),
        Line("（一）评价结论。", H2),
        Line(words),
        Line("（二）存在问题。", H2),
        Line(_enumerated(department.problems)),
        Line("（三）改进措施。", H2),
        Line(_enumerated(department.measures)),
    ]


def _merit(department: PracticeDepartment) -> str:
    return "；".join(project.outcome.rstrip("。") for project in department.projects[:2])


def _enumerated(sentences: Sequence[str]) -> str:
    return "".join(f"{word}{text}" for word, text in zip(ORDINALS, sentences, strict=False))


@cache
def _phrases() -> Mapping[str, Sequence[str]]:
    text = (Path(__file__).parent / "forms" / "phrases.yml").read_text(encoding="utf-8")
    return cast("Mapping[str, Sequence[str]]", yaml.safe_load(text))


def _phrase(department: PracticeDepartment, which: str, **values: object) -> str:
    """One of the ways to say it (语句写法), by the department's code."""
    variants = _phrases()[which]
    return variants[int(department.code) % len(variants)].format(**values)
