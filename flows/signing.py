"""审批页: what waits for a signature, with the files to look at and a link that opens the form with the digest filled in."""

from __future__ import annotations

from collections.abc import Iterator

from flows import links, pages, progress_page
from models.records import Approval
from models.states import Gate
from tasks import lookup, settings, store
from tasks.stages import progress

# What a matter's summary says of itself, in the order shown; anything else in it is for the machine.
SAID = {
    "document_number": "文号",
    "letters": "函件数",
    "departments": "部门数",
    "edition": "版次",
    "drawn": "抽中部门（代码）",
    "number": "第几次",
    "reason": "理由",
}
# Where the text of each matter lies: parts of the names of produced files.
FILES = {
    Gate.NOTICE: ("通知", "提纲"),
}
# The table that was shown when the matter was prepared.
TABLES = {
    Gate.NOTICE: ("发送名单", "notice"),
    Gate.DRAW: ("抽取结果", "draw"),
    Gate.PUBLICATION: ("拟公开结果", "publication"),
    Gate.CORRECTION: ("拟更正事项", "correction-rows"),
}


def show(fiscal_year: int) -> None:
    """Show a page for every matter that waits (审批页). The run that prepared a matter calls it last."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        found = {gate: lookup.latest_approval(db, cycle, gate) for gate in Gate}
    for gate, matter in found.items():
        if matter is not None and matter.decision is None:
            words, table = TABLES[gate]
            seen = [links.to_shown(words, f"{table}-{fiscal_year}")]
            seen += [links.to_file(f) for f in progress.produced() if any(part in f for part in FILES.get(gate, ()))]
            action = progress.approval(fiscal_year, gate, matter.digest)
            pages.text(
                f"approve-{gate.value.replace('_', '-')}-{fiscal_year}",
                f"{fiscal_year}年度“{gate.label}”待审批：点“填写审批意见”",
                progress_page.sign(action, list(_said(matter)), seen),
            )


def _said(matter: Approval) -> Iterator[tuple[str, str]]:
    yield "拟办人", matter.prepared_by
    yield "提请时间", f"{matter.prepared_at.astimezone(settings.current().zone):%Y-%m-%d %H:%M}"
    for key, label in SAID.items():
        value = matter.summary.get(key)
        if value:
            yield label, "、".join(map(str, value)) if isinstance(value, list) else str(value)
    yield "内容摘要", matter.digest[:12]
