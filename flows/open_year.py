"""建立年度评价工作: open the year from a roster, a rule set and the dates it brings; take in figures and approved targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting
from flows.desk import flow
from flows.forms import ImportFiguresForm, ImportTargetsForm, OpenYearForm
from tasks import settings
from tasks.stages import choices, cycle, figures, notice, targets


@flow(name="建立年度评价工作", flow_run_name="{form.fiscal_year}年度-建立")
def open_year(form: OpenYearForm) -> State[Any]:
    """Open a year (建立年度评价工作). Opening it again with the same roster changes nothing."""
    made = cycle.open_cycle(
        form.fiscal_year,
        county=form.county,
        bureau=form.bureau,
        office=form.office,
        ruleset_id=form.ruleset,
        roster=_content(form.roster),
        roster_name=form.roster.name,
        who=form.operator,
    )
    target = settings.current().folder("documents") / f"财政数据填报表-{form.fiscal_year}.xlsx"
    target.write_bytes(figures.figures_template(form.fiscal_year))
    approvals = _write_targets_form(form.fiscal_year)
    warned = "".join(notice.address_warnings(form.fiscal_year))
    return reporting.done(
        f"{made.fiscal_year}年度评价工作已建立，财政数据填报表已生成：{target}；项目绩效目标批复表已生成：{approvals}。{warned}"
    )


@flow(name="导入财政数据", flow_run_name="{form.fiscal_year}年度-导入财政数据")
def import_figures(form: ImportFiguresForm) -> State[Any]:
    """Take in the bureau's own figures (导入财政数据): all of a workbook or nothing."""
    changed = figures.import_figures(form.fiscal_year, _content(form.workbook), form.workbook.name, form.operator)
    return reporting.done(f"已导入财政数据，{changed}项有变化。")


@flow(name="导入批复的绩效目标", flow_run_name="{form.fiscal_year}年度-导入批复的绩效目标")
def import_targets(form: ImportTargetsForm) -> State[Any]:
    """Take in the approved targets and budgets (导入批复的绩效目标), all of a workbook or nothing, as a new version."""
    made = targets.import_targets(form.fiscal_year, _content(form.workbook), form.workbook.name, form.operator)
    held = f"{made.projects}个项目、{made.indicators}项指标"
    remarks = "".join(made.remarks)
    if not made.new:
        return reporting.done(f"与现行的第{made.number}版批复内容相同（{held}），没有变化。{remarks}")
    form_path = _write_targets_form(form.fiscal_year)
    return reporting.done(
        f"已导入第{made.number}版批复：{held}。{remarks}以后有调整的，在{form_path}中修改后再导入，旧版保留。"
    )


def _write_targets_form(fiscal_year: int) -> Path:
    """Lay out the approval form (项目绩效目标批复表), filled with what is in force."""
    target = settings.current().folder("documents") / f"项目绩效目标批复表-{fiscal_year}.xlsx"
    target.write_bytes(targets.targets_template(fiscal_year))
    return target


def _content(path: Path) -> bytes:
    """A file that staff name (导入文件): by its name in the folder for hand-ins, or by its whole path on the server."""
    try:
        return choices.file_at(path).read_bytes()
    except OSError as error:
        raise FileNotFoundError(
            f"找不到文件或无法读取：{path}。请把文件放入数据目录的 import 文件夹后从清单中选，或填写服务器上的完整路径。"
            f" Cannot read {path} on the server."
        ) from error
