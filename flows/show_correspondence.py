"""往来函件台账: every letter and file of a year, or of one department laid out to be opened."""

from __future__ import annotations

from typing import Any

from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State

from flows import links, reporting
from flows.desk import flow
from flows.letter_forms import CorrespondenceForm
from flows.plainly import on_page
from tasks import settings
from tasks.stages import board, correspondence, correspondence_files
from tasks.writing.correspondence import CorrespondenceView

# The numbers of the ledger as the key of an artifact may spell them.
_ASCII = str.maketrans({"收": "in-", "发": "out-"})


@flow(name="往来函件台账", flow_run_name="{form.fiscal_year}年度-往来函件台账{form.department}")
def show_correspondence(form: CorrespondenceForm) -> State[Any]:
    """Show what came and went (往来函件台账) and write the workbook; for a department or one number, lay the files out to be opened."""
    view = correspondence.ledger(form.fiscal_year, form.department)
    if form.number:
        return _show_files(form, correspondence.only(view, form.number), "")
    target = correspondence.write(view, form.department)
    if not form.department:
        rows = [_row(entry) for entry in view.entries]
        reporting.show_table(f"correspondence-{form.fiscal_year}", view.title, rows)
        return reporting.done(f"{view.summary}工作簿：{target.name}。要打开函件和文件，请填写部门或台账编号后再运行。")
    return _show_files(form, view, f"，工作簿：{target.name}")


def _show_files(form: CorrespondenceForm, view: CorrespondenceView, also: str) -> State[Any]:
    """Lay the files of a view out and link to each (调阅)."""
    chosen = form.number or form.department
    placed, page = correspondence_files.lay_out(view, chosen)
    key = board.key_of(form.fiscal_year, chosen.translate(_ASCII)).replace("department", "correspondence", 1)
    path = page.relative_to(settings.current().home).as_posix()
    create_markdown_artifact(markdown=_page(placed, path), key=key, description=placed.title)
    return reporting.done(f"{view.summary}请打开 {path} 查看{also}。")


def _row(entry: Any) -> dict[str, Any]:
    return {
        "编号": entry.number,
        "时间": entry.when,
        "方向": entry.direction,
        "部门": f"{entry.code} {entry.department}".strip(),
        "种类": entry.kind,
        "主题": entry.subject,
        "对方": entry.counterpart,
        "状态": entry.state,
        "文件": [file.name for file in entry.files],
        "说明": entry.remark or None,
    }


def _page(view: CorrespondenceView, path: str) -> str:
    """One department's correspondence as a page (部门往来函件页), each file leading to its copy where files are served."""
    folder = path.rpartition("/")[0]
    head = ("编号", "时间", "方向", "种类", "主题", "状态", "文件")
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for entry in view.entries:
        words = (entry.number, entry.when, entry.direction, entry.kind, entry.subject, entry.state)
        files = "<br>".join(
            links.to_file(f"{folder}/{file.place}", on_page(file.name))
            if file.place
            else f"{on_page(file.name)}（缺失）"
            for file in entry.files
        )
        lines.append("| " + " | ".join([*(on_page(one) for one in words), files]) + " |")
    return f"### {on_page(view.title)}\n\n{view.summary}全部打开：{links.to_file(path)}\n\n" + "\n".join(lines) + "\n"
