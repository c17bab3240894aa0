"""The forms of what appears under a number of its own after the results: corrected editions, the report on remediation."""

from __future__ import annotations

from pydantic import Field

from flows.form_lists import listed
from flows.forms import OperatorForm
from tasks.stages.choices import Listed


class EditionForm(OperatorForm):
    """Preparing a corrected edition (拟办更正公开)."""

    document_number: str = Field(
        title="更正通报文号", description="更正通报自己的文号，如 清财绩〔2026〕25号", min_length=4, max_length=60
    )
    reason: str = Field(
        title="更正原因", description="将写入更正通报和网站，接在“因”字之后，如 申诉成立", min_length=2, max_length=300
    )
    settled_again: list[str] = Field(
        default_factory=list,
        title="需重新核定的部门",
        description="财政数据、读取结果或人工判定有更正的部门；申诉成立的已经重新核定，不用填",
        json_schema_extra=listed(Listed.DEPARTMENTS),
    )
    withdrawn: list[str] = Field(
        default_factory=list,
        title="不再公开的部门",
        description="依法不应公开的部门；批准后各版均略去，名册同时标为不公开",
        json_schema_extra=listed(Listed.DEPARTMENTS),
    )


class ReportNumberForm(OperatorForm):
    """Numbering the year-end report on remediation (编年度整改情况报告文号)."""

    document_number: str = Field(
        title="报告文号", description="年度整改情况报告自己的文号，如 清财绩〔2026〕31号", min_length=4, max_length=60
    )
