"""运行告警: tell the staff by mail that a run failed, crashed, or never started. Started by the server's own rules."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import going_on, reporting
from flows.desk import flow
from flows.machine_forms import AlertForm
from tasks.mail import outbox
from tasks.stages import alerts

# What staff can do about each state Prefect reports; any other is told in the words for a failure.
HAPPENED = {
    "Failed": ("运行失败", "请打开该运行查看原因；排除后再次运行即可，已办的事项不会重复。"),
    "Crashed": ("运行中断", "可能是断电或进程被结束。再次运行即可，已办的事项不会重复；仍然中断的，请联系信息部门。"),
    "TimedOut": ("运行超时", "请打开该运行查看停在哪一步；再次运行即可，已办的事项不会重复。"),
    "Late": ("没有按时开始", "可能没有工作进程在线。请查看 Work Pools 中 bureau 是否在线，或重新启动 jixiao up。"),
    "Silent": (
        "长时间没有成功运行",
        "请查看“推进年度工作”最近的运行和工作进程是否在线，排除后手动运行一次；遗漏的事项会补办。",
    ),
}
CRASHED = "Crashed"
# A run can end with a whole traceback; the letter names the run, where the rest can be read.
LONGEST = 300


@flow(name="运行告警", flow_run_name="告警-{form.flow_name}-{form.state}")
def notify_staff(form: AlertForm) -> State[Any]:
    """Mail the staff (运行告警), once a day for each step and kind of trouble; a run that was cut off is taken up again."""
    happened, next_step = HAPPENED.get(form.state, HAPPENED["Failed"])
    second = going_on.again(form.run_id) if form.state == CRASHED else None
    if second:
        next_step = f"可能是断电或进程被结束。系统已自动再办一次（运行编号 {second}），已办的事项不会重复；仍然中断的，请联系信息部门。"
    # A second try that crashes as well is another matter than the first, and told the same day.
    told = alerts.alert(
        f"run/{form.flow_name}/{form.state}{'/续办' if second else ''}",
        title=f"“{form.flow_name}”{happened}",
        what=f"“{form.flow_name}”{happened}。{form.message[:LONGEST]}",
        next_step=next_step,
        details=(("运行名称", form.run_name or "—"), ("运行编号", form.run_id or "—"), ("状态", form.state)),
    )
    begun = f"已再办一次（运行编号 {second}）。" if second else ""
    if not told:
        return reporting.nothing_to_do(f"{begun}未设置工作人员邮箱（JIXIAO_STAFF）或尚未建立年度，只在界面中显示。")
    report = outbox.send_due()
    return reporting.done(f"{begun}已拟告警{told}封，本次发出{report.sent}封。{report.error or ''}")
