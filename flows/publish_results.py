"""公开评价结果: after the objection window prepare the publication, wait for the approval, publish; later corrections too."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting, signing
from flows.desk import flow
from flows.edition_forms import EditionForm
from flows.forms import PublicationForm, YearForm
from tasks.stages import correcting, publication


@flow(name="拟办公开", flow_run_name="{form.fiscal_year}年度-拟办公开")
def prepare_publication(form: PublicationForm) -> State[Any]:
    """Put the results as they would be published to the approver (拟办公开). Nothing leaves the house."""
    prepared = publication.prepare(form.fiscal_year, form.document_number, form.operator)
    reporting.show_table(f"publication-{form.fiscal_year}", f"{form.fiscal_year}年度拟公开结果", prepared.rows)
    signing.show(form.fiscal_year)
    return reporting.done(f"拟公开内容待审批，摘要 {prepared.digest[:12]}。")


@flow(name="拟办更正公开", flow_run_name="{form.fiscal_year}年度-拟办更正公开")
def prepare_correction(form: EditionForm) -> State[Any]:
    """Put a corrected edition with its list of changes to the approver (拟办更正公开). Nothing leaves the house."""
    prepared = correcting.prepare(
        form.fiscal_year,
        form.document_number,
        form.reason,
        form.operator,
        settled_again=form.settled_again,
        withdrawn=form.withdrawn,
    )
    year = form.fiscal_year
    reporting.show_text(f"correction-{year}", f"{year}年度拟更正的内容", prepared.changes)
    reporting.show_table(f"correction-rows-{year}", f"{year}年度拟更正事项", prepared.rows)
    signing.show(year)
    return reporting.done(f"更正内容待审批（审批事项选“更正公开的结果”），摘要 {prepared.digest[:12]}。")


@flow(name="公开评价结果", flow_run_name="{form.which}-公开评价结果")
@reporting.once_opened
def publish_results(form: YearForm) -> State[Any]:
    """Publish what was approved (公开评价结果): site, open data, bulletin, a letter to every department."""
    published = publication.publish(form.fiscal_year)
    if published is None:
        return reporting.nothing_to_do("公开内容尚未拟办或尚未批准。")
    return reporting.done(published)
