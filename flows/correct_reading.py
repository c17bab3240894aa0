"""更正读取结果: a person corrects or confirms what was read, with name and reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting
from flows.desk import flow
from flows.forms import CorrectionForm
from tasks.stages import choices, corrections, rechecking


@flow(name="更正读取结果", flow_run_name="{form.fiscal_year}年度-更正-{form.department}")
def correct_reading(form: CorrectionForm) -> State[Any]:
    """Record corrections from a filled review sheet, or of one value (更正读取结果). All of them or none.

    The reading stays as it was; scores computed from now on rest on the corrected values. Findings are made anew, and
    material that was returned for what was only misread is accepted.
    """
    if form.sheet:
        sheet = choices.file_at(Path(form.sheet))
        made = corrections.record_sheet(form.fiscal_year, form.department, sheet.read_bytes(), form.operator)
    else:
        made = corrections.record_one(
            form.fiscal_year, form.department, form.fact, form.value, form.reason, form.operator
        )
    reporting.show_table(
        f"corrections-{form.fiscal_year}-{form.department.lower()}", f"{made.department}：读取结果更正", made.rows
    )
    followed = "".join(rechecking.after_correction(form.fiscal_year, form.department))
    if not made.rows:
        return reporting.nothing_to_do(f"没有新的更正；{followed}审读表：{made.sheet}")
    return reporting.done(f"{made.department}登记更正{len(made.rows)}项；{followed}更新后的审读表：{made.sheet}")
