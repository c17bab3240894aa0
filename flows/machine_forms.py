"""Forms that no person fills in (系统自填的表单): what a run or a rule of the server tells the run that it starts."""

from __future__ import annotations

from pydantic import Field

from flows.forms import Form, YearForm
from models.states import SharedStep


class HelpForm(YearForm):
    """What another run asks of a worker (协助办理); filled in by that run."""

    step: SharedStep = Field(title="环节", description="协助哪个环节")
    lot: str = Field(title="分办批号", description="由请求协助的运行填写", min_length=1, max_length=80)
    size: int = Field(1, title="每批部门数", ge=1, le=1000)


class AlertForm(Form):
    """What the server's rules report about a run (运行告警); filled in by them."""

    flow_name: str = Field(title="环节", description="出现问题的环节名称", min_length=1, max_length=80)
    run_name: str = Field("", title="运行名称", max_length=200)
    run_id: str = Field("", title="运行编号", max_length=80)
    state: str = Field(title="状态", description="如 Failed、Crashed、Late", min_length=1, max_length=40)
    message: str = Field("", title="说明", description="运行的最后一句话")
