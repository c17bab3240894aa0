"""Forms about letters, receipts and objections (函件、来件与申诉表单)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field, model_validator

from flows.form_lists import listed
from flows.forms import Form, OperatorForm, YearForm, when
from models.states import ObjectionState
from tasks.stages.choices import Listed


class NoticeAmendment(StrEnum):
    """What happens to the notice (更正方式)."""

    CORRECT = "更正"
    WITHDRAW = "撤回"


class Passage(Form):
    """One passage of the notice that changes (更正内容)."""

    before: str = Field(title="原文", min_length=1, max_length=500)
    after: str = Field(title="更正为", min_length=1, max_length=500)


class AmendNoticeForm(OperatorForm):
    """Correcting or withdrawing an issued notice (更正或撤回通知)."""

    conditions: ClassVar = {
        "if": {"properties": {"amendment": {"const": NoticeAmendment.CORRECT.value}}, "required": ["amendment"]},
        "then": {
            "anyOf": [
                {"required": ["passages"], "properties": {"passages": {"minItems": 1}}},
                {"required": ["submit_by"], "properties": {"submit_by": {"type": "string"}}},
            ]
        },
    }
    amendment: NoticeAmendment = Field(title="更正方式", description="撤回后可重新拟办通知")
    document_number: str = Field(title="文号", description="更正或撤回通知自己的文号", min_length=4, max_length=60)
    reason: str = Field(title="原因", description="将写入通知，接在“因”字之后", min_length=2, max_length=300)
    passages: list[Passage] = Field(default_factory=list, title="更正内容", description="撤回时不填")
    submit_by: date | None = Field(None, title="新的报送截止日", description="只在更正截止日时填写；批准印发后生效")

    @model_validator(mode="after")
    def a_correction_says_what_it_corrects(self) -> Self:
        """A correction names what changes, a withdrawal does not (更正须写明更正内容)."""
        named = bool(self.passages) or self.submit_by is not None
        if named is (self.amendment is NoticeAmendment.WITHDRAW):
            raise ValueError("更正须填写更正内容或者新的截止日，撤回则都不填。")
        return self


class DiscardNoticeForm(OperatorForm):
    """Taking back a prepared notice that was not issued (撤销待批通知)."""

    reason: str = Field(title="理由", min_length=2, max_length=300)


class ReceiptDecision(StrEnum):
    """What to do with a receipt that waits for a person (来件处理意见)."""

    RELEASE = "放行登记"
    KEEP_OUT = "确认不采用"


class ReceiptPurpose(StrEnum):
    """What a receipt is (来件用途)."""

    MATERIAL = "自评材料"
    REVIEW = "复核工作簿"
    RECTIFICATION = "整改报告"
    OBJECTION = "申诉材料"


class CorrespondenceForm(YearForm):
    """Looking through what came and went (查阅往来函件)."""

    department: str = Field(
        "",
        title="部门",
        description="填写后列出该部门的往来函件，并把每份函件和文件调出供打开；不填则列出全年台账",
        max_length=20,
        json_schema_extra=listed(Listed.DEPARTMENTS),
    )
    number: str = Field(
        "",
        title="台账编号",
        description="如：发34、收12；填写后只调出这一件，邮件原文（.eml）与发出时逐字节相同",
        pattern=r"^([收发][1-9][0-9]{0,8})?$",
    )


class ReceiptForm(OperatorForm):
    """A person's decision on a receipt (处理来件)."""

    conditions: ClassVar = when("decision", ReceiptDecision.RELEASE.value, "department")
    receipt: int = Field(title="收件", description="见“来件待办清单”", ge=1, json_schema_extra=listed(Listed.RECEIPTS))
    decision: ReceiptDecision = Field(title="处理意见")
    department: str = Field(
        "",
        title="部门",
        description="放行时必填：材料属于哪个部门",
        max_length=20,
        json_schema_extra=listed(Listed.DEPARTMENTS),
    )
    purpose: ReceiptPurpose = Field(ReceiptPurpose.MATERIAL, title="材料用途", description="放行时填写")
    reason: str = Field(title="理由", description="如：电话核实，系该部门新任经办人", min_length=2, max_length=300)

    @model_validator(mode="after")
    def a_released_receipt_has_an_owner(self) -> Self:
        """Whoever lets a receipt in says whose it is (放行须填写部门)."""
        if self.decision is ReceiptDecision.RELEASE and not self.department:
            raise ValueError("放行时必须填写部门代码。")
        return self


class FailedLetterAction(StrEnum):
    """What to do with a letter that did not leave (未发出函件的处理方式)."""

    READDRESS = "改发名册中现在的地址"
    AGAIN = "按原地址重发"
    BRING = "改为另行送达"
    GIVE_UP = "不再发送"


class FailedLetterForm(OperatorForm):
    """A person's decision on a letter that did not leave (处理未发出的函件)."""

    letter: int = Field(
        title="函件", description="见“函件待办清单”", ge=1, json_schema_extra=listed(Listed.FAILED_LETTERS)
    )
    action: FailedLetterAction = Field(title="处理方式", description="改地址前请先更新部门名册")
    reason: str = Field(title="理由", description="如：名册邮箱已更正；已电话告知", min_length=2, max_length=300)


class MailAgainForm(OperatorForm):
    """Letters that came back, to the corrected address (补发退回的函件)."""

    letters: list[int] = Field(
        default_factory=list,
        title="函件",
        description="可选多封，编号见“函件待办清单”；按部门补发的留空",
        json_schema_extra=listed(Listed.RETURNED_LETTERS),
    )
    departments: list[str] = Field(
        default_factory=list,
        title="部门",
        description="所选部门被退回的函件全部补发；请先更正部门名册并重新导入",
        json_schema_extra=listed(Listed.DEPARTMENTS),
    )
    reason: str = Field(title="理由", description="如：原邮箱停用，新邮箱已电话核实", min_length=2, max_length=400)

    @model_validator(mode="after")
    def something_came_back(self) -> Self:
        """Letters or departments (须选择函件或者部门)."""
        if not self.letters and not self.departments:
            raise ValueError("请选择函件，或者选择部门。")
        return self


class ObjectionDecision(StrEnum):
    """The decision on an objection (申诉处理决定)."""

    UPHELD = "申诉成立"
    REJECTED = "维持原结果"

    @property
    def state(self) -> ObjectionState:
        """The objection's state that this decision leads to (处理后的状态)."""
        return ObjectionState.UPHELD if self is ObjectionDecision.UPHELD else ObjectionState.REJECTED


class CorrectedLine(Form):
    """A line of the result as it should have been scored (更正得分)."""

    rule: str = Field(title="指标", min_length=1, max_length=60, json_schema_extra=listed(Listed.RULES))
    score: Decimal = Field(title="更正后得分", ge=0, le=100, decimal_places=2)
    reason: str = Field(title="更正理由", min_length=2, max_length=500)


class ObjectionForm(OperatorForm):
    """Deciding an objection (处理申诉)."""

    conditions: ClassVar = {
        "if": {"properties": {"decision": {"const": ObjectionDecision.REJECTED.value}}, "required": ["decision"]},
        "then": {"properties": {"corrections": {"maxItems": 0}}},
    }
    objection: int = Field(title="申诉", description="见“申诉清单”", ge=1, json_schema_extra=listed(Listed.OBJECTIONS))
    digest: str = Field(title="内容摘要", description="申诉清单中显示的摘要，至少前8位", min_length=8, max_length=64)
    decision: ObjectionDecision = Field(title="处理决定")
    reason: str = Field(title="理由", description="将写入处理决定，发给部门", min_length=2, max_length=1000)
    corrections: list[CorrectedLine] = Field(
        default_factory=list, title="更正的得分", description="只在申诉成立时填写；原复核得分保留，另成新版结果"
    )

    @model_validator(mode="after")
    def only_an_upheld_objection_changes_scores(self) -> Self:
        """A rejected objection changes nothing (维持原结果的不更正得分)."""
        if self.corrections and self.decision is ObjectionDecision.REJECTED:
            raise ValueError("维持原结果的，不填写更正的得分。")
        return self
