"""进度页: where a year stands, as one page and a bar in the Prefect UI - with links that open the next form filled in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey

from flows import links, pages
from flows.plainly import on_page
from tasks.stages import progress as stage
from tasks.stages.progress import Action, Progress

BAR = 30
# More lines of one kind than this are summed up; the forms' lists hold them all.
MOST_ACTIONS = 20
# What runs show of a year, by the kind in its key.
LISTS = (
    ("进度台账", "board"),
    ("疑点一览", "findings"),
    ("函件一览", "outbox"),
    ("评分", "scores"),
    ("抽取结果", "draw"),
    ("评价结果", "results"),
    ("申诉清单", "objections"),
    ("整改台账", "rectification"),
)


def show(fiscal_year: int) -> Progress:
    """Show a year's progress (进度页和进度条)."""
    found = stage.progress(fiscal_year)
    title = f"{fiscal_year}年度：{found.state.label}"
    pages.text(f"progress-{fiscal_year}", title, page(found))
    pages.bar(f"progress-bar-{fiscal_year}", title, float(found.percent))
    return found


def page(found: Progress) -> str:
    """The page as Markdown (进度页)."""
    parts = [
        f"### {found.fiscal_year}年度：{found.state.label}",
        f"`{bar(found.percent)}` {found.percent}%",
        _coming(found),
        "#### 等谁办理",
        _listed([on_page(words) for words in found.waits_for]) or "目前不等任何人，到期事项将自动办理。",
    ]
    if found.actions:
        parts += ["#### 直接办理", "点开即是填好的表单，核对内容后填写姓名提交。", _actions(found.actions)]
    parts += ["#### 各项数量", _table(("事项", "状态", "数量"), ((a, b, str(c)) for a, b, c in found.counts))]
    dates = ((d.stage.label, d.due_on.isoformat(), d.words(found.today)) for d in found.dates)
    parts += ["#### 全年日期", _table(("节点", "日期", "办理情况"), dates)]
    lists = [links.to_shown(words, key) for words, key in _lists(found.fiscal_year)]
    if lists:
        parts += ["#### 清单", _listed(lists)]
    if found.files:
        parts += ["#### 已生成的文件", _listed([links.to_file(path) for path in found.files])]
    return "\n\n".join(parts) + "\n"


def sign(action: Action, summary: Sequence[tuple[str, str]], seen: Sequence[str]) -> str:
    """What an approver sees before signing (审批页), with the link that opens the form with the digest in it."""
    parts = [
        f"### {action.form['fiscal_year']}年度“{action.form['gate']}”待审批",
        _table(("项目", "内容"), ((on_page(label), on_page(words)) for label, words in summary)),
        "#### 请先查看",
        _listed(seen),
        "#### 再签署意见",
        f"**{links.to_form('点此填写审批意见', action.step, action.form)}**",
        "打开的表单中已填好年度、事项和内容摘要，不用抄写；审批人不能是拟办人，不同意的须写理由。",
    ]
    return "\n\n".join(parts) + "\n"


def _lists(fiscal_year: int) -> Iterator[tuple[str, str]]:
    """The lists that runs of this year have shown (已展示的清单)."""
    keys = {f"{kind}-{fiscal_year}": words for words, kind in LISTS}
    wanted = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=list(keys)))
    with get_client(sync_client=True) as client:
        shown = client.read_latest_artifacts(artifact_filter=wanted)
    known = {artifact.key for artifact in shown}
    return ((words, key) for key, words in keys.items() if key in known)


def bar(percent: int) -> str:
    """A bar in characters (进度条)."""
    full = percent * BAR // 100
    return "█" * full + "░" * (BAR - full)


def _coming(found: Progress) -> str:
    due = found.coming
    if due is None:
        return "全年各节点均已办毕。"
    return f"下一个节点：**{due.stage.label}**，{due.due_on}（{due.words(found.today)}）。"


def _actions(actions: Sequence[Action]) -> str:
    shown = [links.to_form(on_page(one.words), one.step, one.form) for one in actions[:MOST_ACTIONS]]
    more = len(actions) - len(shown)
    return _listed(shown + ([f"另有{more}项，请在相应环节的表单中选择。"] if more else []))


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
