"""The bureau's own figures about a department (财政局掌握的部门数据): what a report never proves by itself.

Absent means absent, never zero. Money is in 万元, rates in percent, counts are whole numbers, yes/no is 1/0.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from models.document import Frozen
from models.numbers import Number, trimmed


class FigureKey(StrEnum):
    """The names of the bureau's figures (财政数据项). What each one means stands in ``FIGURES``."""

    BUDGET_INITIAL = "budget_initial"
    BUDGET_ADJUSTED_GROSS = "budget_adjusted_gross"
    BUDGET_ADJUSTED_NET = "budget_adjusted_net"
    BUDGET_ANNUAL = "budget_annual"
    CONTROLLED_ITEMS_INITIAL = "controlled_items_initial"
    CONTROLLED_ITEMS_FINAL = "controlled_items_final"
    OFFICE_INITIAL = "office_initial"
    OFFICE_FINAL = "office_final"
    PRINTING_INITIAL = "printing_initial"
    PRINTING_FINAL = "printing_final"
    WATER_INITIAL = "water_initial"
    WATER_FINAL = "water_final"
    ELECTRICITY_INITIAL = "electricity_initial"
    ELECTRICITY_FINAL = "electricity_final"
    PROPERTY_INITIAL = "property_initial"
    PROPERTY_FINAL = "property_final"
    CANCELLED = "cancelled"
    WRITTEN_OFF = "written_off"
    EXECUTION_JUNE = "execution_june"
    EXECUTION_SEPTEMBER = "execution_september"
    EXECUTION_NOVEMBER = "execution_november"
    PROJECT_EXECUTION_DECEMBER = "project_execution_december"
    VIOLATIONS = "violations"
    PUBLICISED = "publicised"
    LAST_YEAR_PROBLEMS = "last_year_problems"
    LAST_YEAR_REMEDIED = "last_year_remedied"
    LAST_YEAR_MEASURES_APPLIED = "last_year_measures_applied"
    LAST_YEAR_REPORTED_IN_TIME = "last_year_reported_in_time"


class Unit(StrEnum):
    """How a figure is measured (计量单位)."""

    MONEY = "万元"
    PERCENT = "%"
    COUNT = "个"
    YES_NO = "是1否0"


class FigureSpec(Frozen):
    """What a figure is (数据项说明): label, unit, bounds (inclusive), help for whoever fills the template.

    ``optional``: only some rule sets ask for it; a template may leave the column out.
    """

    key: FigureKey
    label: str
    unit: Unit
    low: Number | None
    high: Number | None
    help: str
    optional: bool = False

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense (是否只能填整数)."""
        return self.unit in (Unit.COUNT, Unit.YES_NO)


class TextSpec(Frozen):
    """A text that goes with the figures (文字数据项)."""

    key: str
    label: str
    help: str


_ITEMS = (
    ("OFFICE", "办公费"),
    ("PRINTING", "印刷费"),
    ("WATER", "水费"),
    ("ELECTRICITY", "电费"),
    ("PROPERTY", "物业管理费"),
)
_MOST_MONEY = Decimal(100_000_000)


def _money(key: FigureKey, label: str, note: str, low: Decimal = Decimal(0), optional: bool = False) -> FigureSpec:
    return FigureSpec(key=key, label=label, unit=Unit.MONEY, low=low, high=_MOST_MONEY, help=note, optional=optional)


def _percent(key: FigureKey, label: str, note: str) -> FigureSpec:
    return FigureSpec(key=key, label=label, unit=Unit.PERCENT, low=Decimal(0), high=Decimal(1000), help=note)


def _count(key: FigureKey, label: str, note: str) -> FigureSpec:
    return FigureSpec(key=key, label=label, unit=Unit.COUNT, low=Decimal(0), high=Decimal(100_000), help=note)


def _yes_no(key: FigureKey, label: str, note: str) -> FigureSpec:
    return FigureSpec(key=key, label=label, unit=Unit.YES_NO, low=Decimal(0), high=Decimal(1), help=note)


def _specs() -> Iterable[FigureSpec]:
    k = FigureKey
    yield _money(k.BUDGET_INITIAL, "年初部门预算数", "人大批复的年初部门预算总额。")
    yield _money(
        k.BUDGET_ADJUSTED_GROSS, "全年预算调剂金额（增减绝对值合计）", "全年各次追加、调减、调剂的绝对值之和。"
    )
    yield _money(
        k.BUDGET_ADJUSTED_NET,
        "全年预算调剂金额（净额）",
        "调整后预算数减年初预算数，调减为负数；无法取得增减明细时填报。",
        -_MOST_MONEY,
    )
    yield _money(k.BUDGET_ANNUAL, "年度预算总额", "动态调整指标的分母，为年度预算（含调整）总额。")
    yield _money(
        k.CONTROLLED_ITEMS_INITIAL, "五项费用年初预算数合计", "办公费、印刷费、水费、电费、物业管理费年初预算合计。"
    )
    yield _money(k.CONTROLLED_ITEMS_FINAL, "五项费用决算数合计", "办公费、印刷费、水费、电费、物业管理费决算合计。")
    for name, label in _ITEMS:
        for part, word in (("INITIAL", "年初预算数"), ("FINAL", "决算数")):
            note = f"{label}{word}；仅在评价规则要求逐项比较时填报。"
            yield _money(k[f"{name}_{part}"], f"{label}{word}", note, optional=True)
    yield _money(k.CANCELLED, "绩效监控调整取消额", "绩效运行监控后调整取消的项目支出预算；没有的填0，不得空白。")
    yield _money(k.WRITTEN_OFF, "预算结余注销额", "年末注销的预算结余；没有的填0，不得空白。")
    yield _percent(k.EXECUTION_JUNE, "6月末预算执行进度", "截至6月末实际支出占年度预算的百分比，如41.2表示41.2%。")
    yield _percent(k.EXECUTION_SEPTEMBER, "9月末预算执行进度", "截至9月末实际支出占年度预算的百分比。")
    yield _percent(k.EXECUTION_NOVEMBER, "11月末预算执行进度", "截至11月末实际支出占年度预算的百分比。")
    yield _percent(
        k.PROJECT_EXECUTION_DECEMBER, "12月末部门项目预算执行进度", "截至12月末部门项目支出执行数占项目预算的百分比。"
    )
    yield _count(k.VIOLATIONS, "违纪违规问题数", "审计监督、财政检查指出的部门预算管理问题个数；没有的填0，不得空白。")
    yield _yes_no(
        k.PUBLICISED, "绩效信息随同决算公开", "已随同决算公开的填1，未公开的填0；填1的须同时填公开网址和公开日期。"
    )
    yield _count(k.LAST_YEAR_PROBLEMS, "上年度绩效问题数", "上一年度绩效目标核查、监控核查、重点评价指出的问题个数。")
    yield _count(k.LAST_YEAR_REMEDIED, "上年度已整改问题数", "其中经财政局核验已整改的个数。")
    yield _yes_no(
        k.LAST_YEAR_MEASURES_APPLIED, "绩效管理结果已应用", "已将结果用于完善政策、改进管理、预算挂钩等的填1，否则填0。"
    )
    yield _yes_no(k.LAST_YEAR_REPORTED_IN_TIME, "按时反馈应用绩效结果报告", "在规定时间内向财政局反馈的填1，否则填0。")


FIGURES: dict[FigureKey, FigureSpec] = {spec.key: spec for spec in _specs()}

TEXTS: dict[str, TextSpec] = {
    spec.key: spec
    for spec in (
        TextSpec(key="publicised_at", label="公开网址", help="绩效信息公开页面的网址或载体名称。"),
        TextSpec(key="publicised_on", label="公开日期", help="公开的日期，如2024-09-20。"),
        TextSpec(
            key="selected_projects",
            label="评价选取的项目",
            help="只评价部分项目时逐个填写项目名称，用分号隔开；空白为全部项目。",
        ),
        TextSpec(key="note", label="备注", help="数据来源或需要说明的情况。"),
    )
}


def check_figure(key: FigureKey, value: Decimal) -> str | None:
    """Say in Chinese what is wrong with a figure (数据项校验), or None."""
    spec = FIGURES[key]
    if not isinstance(value, Decimal) or not value.is_finite():
        return f"“{spec.label}”不是数字，请填写数字。"
    if (spec.low is not None and value < spec.low) or (spec.high is not None and value > spec.high):
        low = trimmed(spec.low) if spec.low is not None else "不限"
        high = trimmed(spec.high) if spec.high is not None else "不限"
        return f"“{spec.label}”为{trimmed(value)}，超出允许范围（{low}至{high}，单位：{spec.unit}），请核对。"
    if spec.whole and value != value.to_integral_value():
        return f"“{spec.label}”为{trimmed(value)}，只能填写整数，请核对。"
    return None


class BureauFigures(Frozen):
    """The bureau's figures for one department and fiscal year (部门财政数据). A missing key is unknown, never 0."""

    department: str
    fiscal_year: int
    values: dict[FigureKey, Number] = Field(default_factory=dict)
    texts: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _values_are_possible(self) -> Self:
        problems = [problem for key, value in self.values.items() if (problem := check_figure(key, value))]
        problems += [f"“{key}”不是已知的文字数据项。" for key in self.texts if key not in TEXTS]
        if problems:
            raise ValueError(f"部门{self.department}的财政数据有误：" + "".join(problems))
        return self

    def get(self, key: FigureKey) -> Decimal | None:
        """The figure, or None where the bureau has none (取数)."""
        return self.values.get(key)

    def text(self, key: str) -> str | None:
        """The text without surrounding blanks, or None where it is absent or blank (取文字)."""
        return self.texts.get(key, "").strip() or None
