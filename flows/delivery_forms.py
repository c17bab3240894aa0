"""Forms about letters that do not go by mail (另行送达表单)."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from flows.form_lists import listed
from flows.forms import OperatorForm
from models.states import DeliveryMeans
from tasks import clock
from tasks.stages.choices import Listed


class OtherDeliveryForm(OperatorForm):
    """Departments whose letters are brought (登记另行送达)."""

    departments: list[str] = Field(
        title="部门", description="可选多个", min_length=1, json_schema_extra=listed(Listed.DEPARTMENTS)
    )
    means: DeliveryMeans = Field(DeliveryMeans.BY_HAND, title="送达方式")
    reason: str = Field(
        title="理由", description="如：该部门没有可用的邮箱；涉密单位不使用互联网邮箱", min_length=2, max_length=400
    )


class BackToMailForm(OperatorForm):
    """Departments that can be written to again (恢复邮件发送)."""

    departments: list[str] = Field(
        title="部门",
        description="可选多个；请先更正部门名册并重新导入，已送达尚未登记的函件请先登记送达",
        min_length=1,
        json_schema_extra=listed(Listed.DEPARTMENTS),
    )
    reason: str = Field(title="理由", description="如：新邮箱已核实可用", min_length=2, max_length=400)


class DeliveredForm(OperatorForm):
    """Letters that were brought (登记送达)."""

    letters: list[int] = Field(
        default_factory=list,
        title="函件",
        description="可选多封，编号见“待送达函件”；按部门登记的留空",
        json_schema_extra=listed(Listed.LETTERS_TO_BRING),
    )
    departments: list[str] = Field(
        default_factory=list,
        title="部门",
        description="所选部门的全部待送达函件一次登记；须填写封数",
        json_schema_extra=listed(Listed.DEPARTMENTS),
    )
    count: int | None = Field(None, title="封数", description="按部门登记时，清单中这些部门的函件共几封", ge=1)
    means: DeliveryMeans = Field(DeliveryMeans.BY_HAND, title="送达方式")
    delivered_on: date = Field(default_factory=lambda: clock.today(), title="送达日期", description="不填则为今天")
    signed_by: str = Field("", title="签收人", description="电话通知的填接听人；有回执编号的可不填", max_length=60)
    receipt_number: str = Field("", title="回执编号", description="如机要交换单号、邮件号、传真回执号", max_length=80)
    remark: str = Field("", title="备注", max_length=400)

    @model_validator(mode="after")
    def something_was_brought_and_somebody_took_it(self) -> Self:
        """Letters or departments, and a proof (须写明函件和签收情况)."""
        if not self.letters and not self.departments:
            raise ValueError("请选择函件，或者选择部门。")
        if self.departments and self.count is None:
            raise ValueError("按部门登记的，请填写清单中这些部门的函件封数。")
        if not self.signed_by and not self.receipt_number:
            raise ValueError("请填写签收人（接听人），或者回执编号。")
        return self
