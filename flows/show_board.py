"""进度台账: the board in the UI, one page per department, and the same as a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prefect.client.schemas.objects import State

from flows import pages, progress_page, reporting
from flows.desk import flow
from flows.forms import YearForm
from flows.plainly import on_page
from tasks import settings
from tasks.stages import board, tables


@flow(name="进度台账", flow_run_name="{form.which}-进度台账")
@reporting.once_opened
def show_board(form: YearForm) -> State[Any]:
    """Show the board (进度台账) and write its workbook. A department's page is shown again only when it has changed."""
    made = board.board(form.fiscal_year)
    reporting.show_table(f"board-{form.fiscal_year}", f"{form.fiscal_year}年度进度台账", made.table)
    year = form.fiscal_year
    reporting.show_table(f"findings-{year}", f"{year}年度疑点一览", tables.findings_table(year))
    reporting.show_table(f"outbox-{year}", f"{year}年度函件一览", tables.letters_table(year))
    shown = sum(_show(page) for page in made.pages)
    target = board.write(made.view)
    progress_page.show(form.fiscal_year)
    return reporting.done(f"进度台账已更新，{shown}个部门有变化，工作簿：{target.name}。")


def _show(page: board.Page) -> bool:
    """Show one department's page (部门台账页) unless the same is shown already; whether it was."""
    mark = settings.current().folder("board") / page.key
    content = page.fingerprint()
    if mark.exists() and mark.read_text() == content:
        return False
    facts = [{"项目": label, "内容": words} for label, words in page.facts]
    parts = [f"### {on_page(page.title)}", _table(facts), "#### 往来函件", _table(page.letters)]
    if page.items:
        parts += ["#### 整改事项", _table(page.items)]
    pages.text(page.key, page.title, "\n\n".join(parts) + "\n", once=True)
    mark.write_text(content)
    return True


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "无。"
    lines = ["| " + " | ".join(rows[0]) + " |", "|" + " --- |" * len(rows[0])]
    lines += ["| " + " | ".join(on_page(value) for value in row.values()) + " |" for row in rows]
    return "\n".join(lines)
