"""A small invented year for the tests of what leaves the house, scored by the real rules."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from openpyxl import Workbook, load_workbook

from models.document import FileIdentity, Source
from models.facts import Finding, FindingPlace, IndicatorLine, Operator, ReportFacts, RubricLine, Severity
from models.figures import BureauFigures, FigureKey
from models.published import DepartmentResult, PublishedResults, published_results
from models.rules import load
from models.rules.cards import ScoreCard
from models.rules.schema import RuleSet
from models.sampling import FrameUnit, SpotCheckPolicy, draw
from models.scoring import score, settle
from tasks.writing.packing import FIXED_MEMBER_TIME

COUNTY, BUREAU = "青禾县", "青禾县财政局"
PLACE = Source(page=4, table=2, row=3)
NAMES = ("水务局", "教育局", "卫生健康局", "林业局", "交通运输局", "民政局")
SILENT = 5


@lru_cache(maxsize=1)
def rules() -> RuleSet:
    return load("sichuan-2023")


def indicator(**changes: object) -> IndicatorLine:
    values: dict[str, object] = {
        "source": PLACE,
        "project": "渠道维修项目",
        "level1": "产出指标",
        "level2": "数量指标",
        "level3": "维修渠道长度",
        "operator": Operator.AT_LEAST,
        "target": Decimal(12),
        "unit": "公里",
        "actual": Decimal(13),
        "weight": Decimal(40),
        "score": Decimal(40),
    }
    return IndicatorLine.model_validate({**values, **changes})


def finding(message: str = "各项得分合计与总分不能同时成立。") -> Finding:
    places = (FindingPlace(quote="自评得分90分", source=PLACE), FindingPlace(quote="80", source=PLACE))
    return Finding(
        code="sum-mismatch", severity=Severity.ERROR, message=message, places=places, computed={"合计": "80"}
    )


def figures(code: str = "101", number: int = 0) -> BureauFigures:
    k = FigureKey
    values = {
        k.BUDGET_INITIAL: 1000,
        k.BUDGET_ADJUSTED_GROSS: 10 + number * 9,
        k.BUDGET_ANNUAL: 1000,
        k.CANCELLED: 0,
        k.WRITTEN_OFF: 0,
        k.CONTROLLED_ITEMS_INITIAL: 100,
        k.CONTROLLED_ITEMS_FINAL: 101 + number * 3,
        k.VIOLATIONS: number % 3,
        k.EXECUTION_JUNE: 38 + number,
        k.EXECUTION_SEPTEMBER: 62 + number,
        k.EXECUTION_NOVEMBER: 80 + number,
        k.PROJECT_EXECUTION_DECEMBER: 92,
        k.PUBLICISED: 1,
        k.LAST_YEAR_PROBLEMS: 2,
        k.LAST_YEAR_REMEDIED: 2,
        k.LAST_YEAR_MEASURES_APPLIED: 1,
        k.LAST_YEAR_REPORTED_IN_TIME: 1,
    }
    return BureauFigures(
        department=code,
        fiscal_year=2024,
        values={key: Decimal(value) for key, value in values.items()},
        texts={"publicised_at": "www.qinghe.example/jx", "publicised_on": "2025-09-20"},
    )


def card(code: str = "101", number: int = 0, claim: str = "90") -> ScoreCard:
    facts = ReportFacts(
        file=FileIdentity(name="自评报告.docx", sha256="0" * 64, format="docx"),
        fiscal_year="2024",
        self_score=Decimal(claim),
        rubric=tuple(RubricLine(source=PLACE, level3=rule.label, score=rule.maximum) for rule in rules().claimable),
        indicators=(indicator(), indicator(level3="受益人口", target=Decimal(100), actual=Decimal(90))),
    )
    return score(facts, figures(code, number), rules())


def department_result(number: int, name: str | None = None, *, withheld: bool = False) -> DepartmentResult:
    code = str(101 + number)
    name = name or COUNTY + NAMES[number % len(NAMES)]
    if number == SILENT:
        return DepartmentResult(code=code, name=name, outcome=None, withheld=withheld)
    scored = card(code, number, str(90 - number))
    judged = {rule: Decimal(8) for rule in scored.open_lines if (rules().rule(rule).maximum or 0) >= 8}
    reviewed = None
    if number % 2 == 0:
        reviewed = {
            line.rule: line.computed if line.computed is not None else Decimal(7 - number)
            for line in scored.lines
            if line.counts
        }
    outcome = settle(scored, judgements=judged, reviewed=reviewed, ruleset=rules())
    reasons = {"target-setting": "目标没有量化（依据：评价标准）"} if reviewed else {}
    return DepartmentResult(code=code, name=name, outcome=outcome, withheld=withheld, reasons=reasons)


def results(departments: Sequence[DepartmentResult] | None = None, **changes: object) -> PublishedResults:
    chosen = departments if departments is not None else [department_result(number) for number in range(6)]
    values: dict[str, object] = {
        "fiscal_year": 2024,
        "county": COUNTY,
        "bureau": BUREAU,
        "published_on": date(2025, 10, 15),
        "document_number": "青财绩〔2025〕18号",
    }
    return published_results(rules(), chosen, **{**values, **changes})  # type: ignore[arg-type]


def draw_record(departments: Sequence[DepartmentResult]) -> dict[str, object]:
    frame = [FrameUnit(code=d.code, name=d.name, stratum="甲类" if int(d.code) % 2 else "乙类") for d in departments]
    return draw(frame, SpotCheckPolicy(), "公开种子 07 11 23").model_dump(mode="json")


def edited(content: bytes, changes: dict[tuple[str, str], object], *, keep_mark: bool = True) -> bytes:
    """The workbook as somebody would save it again with some cells changed: (sheet, cell) -> value."""
    book = load_workbook(io.BytesIO(content))
    for (sheet, cell), value in changes.items():
        book[sheet][cell] = value
    if not keep_mark:
        book.properties.keywords = ""
        del book["_标识"]
    return saved(book)


def saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def assert_fixed_times(content: bytes) -> None:
    """No moment of writing is left in an Office file."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert {member.date_time for member in package.infolist()} == {FIXED_MEMBER_TIME}
        core = package.read("docProps/core.xml").decode()
    assert core.count("2000-01-01T00:00:00Z") == 2


def saved_empty() -> bytes:
    """A workbook with one empty sheet."""
    return saved(Workbook())
