"""The forms that staff fill in the Prefect UI (填报表单): Chinese titles, help, order, bounds, checked before a run exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from flows.form_lists import codes, listed, needed_unless_as
from models.states import Decision, Gate, ItemSeverity, Labelled, ReviewSeat
from tasks import clock
from tasks.stages.choices import Listed


def _for_people(schema: dict[str, Any], form: type[BaseModel]) -> None:
    """What the page shows of a form (表单显示): the Chinese of its docstring above it, labels instead of codes in lists."""
    found = re.search(r"（(.+)）|\(([^()]+)\)", schema.get("description", ""))
    if found:
        schema["description"] = found.group(1) or found.group(2)
    for name, kind in _choices(form):
        field = form.model_fields[name]
        shown = {"type": "string", "enum": [member.label for member in kind], "title": field.title}
        shown |= {"description": field.description} if field.description else {}
        shown |= {"default": field.default.label} if isinstance(field.default, kind) else {}
        schema["properties"][name] = shown
    for shown in schema["properties"].values():
        _one_number(shown)
    schema |= getattr(form, "conditions", {})


def _one_number(shown: dict[str, Any]) -> None:
    """A score is typed as a number (得分字段): the page would otherwise ask whether it is a "float" or a "str"."""
    ways = {way.get("type"): way for way in shown.get("anyOf", ())}
    if set(ways) == {"number", "string"}:
        del shown["anyOf"]
        shown |= ways["number"]


def when(field: str, value: Any, *needed: str) -> dict[str, Any]:
    """A condition that the page checks before a run exists (条件必填): these fields are needed when one has that value."""
    chosen = value.label if isinstance(value, Labelled) else value
    given = {name: {"minLength": 1} for name in needed}
    return {
        "if": {"properties": {field: {"const": chosen}}, "required": [field]},
        "then": {"required": list(needed), "properties": given},
    }


def _choices(form: type[BaseModel]) -> Iterator[tuple[str, type[Labelled]]]:
    """The fields of a form that are chosen from a list (选项)."""
    for name, field in form.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Labelled):
            yield name, field.annotation


class Form(BaseModel):
    """Base of every form (表单). ``conditions`` is JSON Schema for what one field asks of another."""

    conditions: ClassVar[dict[str, Any]] = {}
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, json_schema_extra=_for_people)

    @model_validator(mode="before")
    @classmethod
    def labels_are_choices(cls, values: Any) -> Any:
        """Take the label that staff chose for the code behind it (选项名称); a code is taken as well."""
        if not isinstance(values, dict):
            return values
        known = {name: {member.label: member for member in kind} for name, kind in _choices(cls)}
        return {
            name: known[name].get(value, value) if name in known and isinstance(value, str) else value
            for name, value in codes(cls, values).items()
        }


class YearForm(Form):
    """Which year (年度)."""

    fiscal_year: int = Field(
        default_factory=lambda: clock.today().year - 1,
        title="评价年度",
        description="被评价的预算年度，如 2025；不填则为上一年度，定时办理的环节则为全部未办结的年度",
        ge=2000,
        le=2100,
        json_schema_extra=listed(Listed.YEARS),
    )

    @property
    def which(self) -> str:
        """The year in the name of a run (运行名称中的年度); a run that nobody gave a year is about every open one."""
        return f"{self.fiscal_year}年度" if "fiscal_year" in self.model_fields_set else "各未办结年度"


class OperatorForm(YearForm):
    """Which year, and who presses the button (经办)."""

    operator: str = Field(title="经办人", description="您的姓名，将记入审计日志", min_length=1, max_length=40)


class OpenYearForm(OperatorForm):
    """Opening a year (建立年度评价工作)."""

    county: str = Field(title="县（区）", description="如 清禾县", min_length=1, max_length=60)
    bureau: str = Field(title="财政局名称", min_length=1, max_length=60)
    office: str = Field(title="承办股室", min_length=1, max_length=60)
    ruleset: str = Field(title="评价规则", min_length=1, json_schema_extra=listed(Listed.RULESETS))
    roster: Path = Field(
        title="部门名册文件",
        description="xlsx 或 csv；放入数据目录的 import 文件夹后，从清单中选或填写文件名",
        json_schema_extra=listed(Listed.FILES),
    )


class ImportFiguresForm(OperatorForm):
    """Taking in the bureau's figures (导入财政数据)."""

    workbook: Path = Field(
        title="财政数据表",
        description="由系统生成并填好的 xlsx；放入数据目录的 import 文件夹后，从清单中选或填写文件名",
        json_schema_extra=listed(Listed.FILES),
    )


class ImportTargetsForm(OperatorForm):
    """Taking in the approved targets and budgets (导入批复的绩效目标)."""

    workbook: Path = Field(
        title="项目绩效目标批复表",
        description="由系统生成并填好的 xlsx；放入数据目录的 import 文件夹后，从清单中选或填写文件名",
        json_schema_extra=listed(Listed.FILES),
    )


class NoticeForm(OperatorForm):
    """Preparing the notice (拟办通知)."""

    document_number: str = Field(title="文号", description="如 清财绩〔2026〕5号", min_length=4, max_length=60)


class PublicationForm(OperatorForm):
    """Preparing the publication (拟办公开)."""

    document_number: str = Field(
        title="通报文号", description="评价结果通报自己的文号，如 清财绩〔2026〕18号", min_length=4, max_length=60
    )


class GateForm(YearForm):
    """A decision at a gate (审批)."""

    conditions: ClassVar = when("decision", Decision.REFUSED, "reason")
    gate: Gate = Field(title="审批事项")
    digest: str = Field(
        title="内容摘要", description="从审批页的链接打开时已填好；自行填写的，至少前8位", min_length=8, max_length=64
    )
    decision: Decision = Field(title="审批意见")
    approver: str = Field(title="审批人", description="不能是拟办人", min_length=1, max_length=40)
    reason: str = Field("", title="理由", description="不同意时必填", max_length=500)

    @model_validator(mode="after")
    def refusal_has_a_reason(self) -> Self:
        """A refusal needs a reason (不同意须说明理由)."""
        if self.decision is Decision.REFUSED and not self.reason:
            raise ValueError("不同意时必须填写理由。")
        return self


class JudgementForm(OperatorForm):
    """A person's decision on a line the rules cannot decide (人工判定)."""

    department: str = Field(title="部门", min_length=1, max_length=20, json_schema_extra=listed(Listed.DEPARTMENTS))
    rule: str = Field(
        title="指标",
        description="评分表中标为“需人工判定”的指标",
        min_length=1,
        max_length=60,
        json_schema_extra=listed(Listed.RULES),
    )
    score: Decimal = Field(title="判定得分", ge=0, le=100, decimal_places=2)
    reason: str = Field(title="判定理由", min_length=2, max_length=500)


class DismissalForm(OperatorForm):
    """Setting a finding aside (排除疑点)."""

    department: str = Field(title="部门", min_length=1, max_length=20, json_schema_extra=listed(Listed.DEPARTMENTS))
    finding: int = Field(
        title="疑点", description="疑点清单第一列的编号", ge=1, json_schema_extra=listed(Listed.FINDINGS)
    )
    reason: str = Field(title="理由", description="为什么不成立；同样的文字以后不再提出", min_length=2, max_length=500)
    withdrawn: bool = Field(False, title="撤销排除", description="勾选则恢复已排除的疑点")


class DrawForm(OperatorForm):
    """The draw (抽取抽查对象)."""

    seed: str = Field(
        title="随机种子", description="由负责人当场确定并公开的一串文字或数字", min_length=4, max_length=200
    )
    redraw_reason: str = Field(
        "",
        title="重新抽取的理由",
        description="本年度已经抽取过的必填，首次抽取不填；原抽取结果保留",
        max_length=500,
        json_schema_extra=needed_unless_as(Listed.DRAWS, "fiscal_year", "seed"),
    )


class ReviewerForm(OperatorForm):
    """Appointing people for a review (指定复核人员)."""

    department: str = Field(title="部门", min_length=1, max_length=20, json_schema_extra=listed(Listed.DEPARTMENTS))
    seat: ReviewSeat = Field(
        ReviewSeat.SECOND, title="分工", description="指定第二复核人，或者两份复核评分不同时的定案人"
    )
    reviewer: str = Field(
        "",
        title="人员",
        description="姓名或邮箱；不填则由系统轮流分派，自动回避",
        max_length=254,
        json_schema_extra=listed(Listed.REVIEWERS),
    )
    reason: str = Field(title="理由", min_length=2, max_length=500)


class ExtensionForm(OperatorForm):
    """More time for one department, or not (答复延期申请)."""

    department: str = Field(title="部门", min_length=1, max_length=20, json_schema_extra=listed(Listed.DEPARTMENTS))
    decision: Decision = Field(Decision.APPROVED, title="答复意见")
    until: date = Field(title="申请延至", description="部门申请延至的日期；同意的即为新的截止日")
    reason: str = Field(title="理由", description="将写入答复", min_length=2, max_length=500)


class ItemExtensionForm(OperatorForm):
    """More time for remediation items, or not (答复整改延期申请)."""

    department: str = Field(title="部门", min_length=1, max_length=20, json_schema_extra=listed(Listed.DEPARTMENTS))
    items: list[int] = Field(
        title="整改事项", description="可选多项", min_length=1, json_schema_extra=listed(Listed.ITEMS)
    )
    decision: Decision = Field(Decision.APPROVED, title="答复意见")
    until: date = Field(title="申请延至", description="部门申请延至的日期；同意的即为新的整改期限")
    reason: str = Field(title="理由", description="将写入答复，发给部门", min_length=2, max_length=500)


class NewItemForm(OperatorForm):
    """A remediation item that staff add (补充整改事项)."""

    department: str = Field(title="部门", min_length=1, max_length=20, json_schema_extra=listed(Listed.DEPARTMENTS))
    text: str = Field(title="需整改的问题", min_length=4, max_length=1000)
    severity: ItemSeverity = Field(
        ItemSeverity.SERIOUS, title="严重程度", description="minor 一般，serious 较重，grave 严重"
    )
    evidence: str = Field("", title="应附佐证材料", description="不填则按通用要求", max_length=500)
    due_on: date = Field(title="完成时限")


class CarryOverForm(OperatorForm):
    """Handing unsettled remediation items to the next year (转入下一年度整改)."""

    department: str = Field(title="部门", min_length=1, max_length=20, json_schema_extra=listed(Listed.DEPARTMENTS))
    items: list[int] = Field(
        title="整改事项",
        description="已向分管领导督办仍未完成的事项，可选多项",
        min_length=1,
        json_schema_extra=listed(Listed.ITEMS),
    )
    reason: str = Field(title="理由", min_length=2, max_length=500)


class LetterForm(YearForm):
    """A letter whose sending is unclear (结果不明的函件)."""

    letter: int = Field(title="函件", ge=1, json_schema_extra=listed(Listed.UNKNOWN_LETTERS))
    delivered: bool = Field(title="确认已送达", description="已送达则登记为已发送；未送达则重新发送")
    operator: str = Field(title="经办人", min_length=1, max_length=40)
    reason: str = Field(title="核实情况", description="如：电话确认对方已收到", min_length=2, max_length=500)


class VerificationForm(OperatorForm):
    """The bureau's verdict on a remediation item (核实整改)."""

    conditions: ClassVar = when("accepted", False, "remark")
    department: str = Field(title="部门", min_length=1, max_length=20, json_schema_extra=listed(Listed.DEPARTMENTS))
    items: list[int] = Field(
        title="整改事项", description="可选多项", min_length=1, json_schema_extra=listed(Listed.ITEMS)
    )
    accepted: bool = Field(title="核实通过", description="通过则销号；不通过则退回并说明理由")
    remark: str = Field("", title="核实意见", description="不通过时必填", max_length=500)

    @model_validator(mode="after")
    def a_return_has_a_reason(self) -> Self:
        """Sending an item back needs a reason (退回须说明理由)."""
        if not self.accepted and not self.remark:
            raise ValueError("核实不通过时必须填写意见。")
        return self


class CorrectionForm(OperatorForm):
    """Correcting what was read (更正读取结果): a filled review sheet, or one value."""

    conditions: ClassVar = {
        "if": {"properties": {"sheet": {"type": "string", "minLength": 1}}, "required": ["sheet"]},
        "then": {"properties": {name: {"maxLength": 0} for name in ("fact", "value", "reason")}},
        "else": {
            "required": ["fact", "value", "reason"],
            "properties": {name: {"minLength": 1} for name in ("fact", "value", "reason")},
        },
    }
    department: str = Field(title="部门", min_length=1, max_length=20, json_schema_extra=listed(Listed.DEPARTMENTS))
    sheet: str = Field(
        "",
        title="填好的审读表",
        description="放入数据目录的 import 文件夹后，从清单中选或填写文件名；只更正一项的，留空并填写以下三栏",
        max_length=500,
        json_schema_extra=listed(Listed.FILES),
    )
    fact: str = Field("", title="事实编号", description="见审读表最后一栏（隐藏列），如 rubric/目标实现/score")
    value: str = Field(
        "", title="更正后的值", description="数字不带单位；材料此处实为空白的填（空白）；撤销以前的更正填（撤销）"
    )
    reason: str = Field("", title="更正理由", max_length=500)

    @model_validator(mode="after")
    def a_sheet_or_one_value(self) -> Self:
        """Either a sheet, or one value with its reason (审读表或单项更正，二者取一)."""
        single = (self.fact, self.value, self.reason)
        if self.sheet and any(single):
            raise ValueError("已选择审读表的，事实编号、更正后的值和更正理由请留空。")
        if not self.sheet and not all(single):
            raise ValueError("请选择填好的审读表，或者填写事实编号、更正后的值和更正理由。")
        return self
