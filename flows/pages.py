"""Pages in the Prefect UI (展示内容): a new version only where something changed, so that a page's history is worth reading."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from prefect.artifacts import Artifact, MarkdownArtifact, ProgressArtifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey
from prefect.context import FlowRunContext
from prefect.settings import get_current_settings

# What this process knows to stand under a key of a server, so that a year in one process asks once for each page.
_known: dict[tuple[str | None, str], str] = {}


def put_up(page: Artifact, *, once: bool = False) -> bool:
    """Show a page under its key (展示), unless the same stands there already; whether it was shown anew.

    What a person asked for is shown in any case, because that person looks for it in the run; not so with ``once``, for
    pages of which there are hundreds.
    """
    place = (get_current_settings().api.url, page.key or "")
    mark = _mark(page.description, page.format(_sync=True))  # type: ignore[call-arg]
    if once or not _asked_for():
        if place not in _known:
            _known[place] = _standing(page.key or "")
        if _known[place] == mark:
            return False
    page.create(_sync=True)  # type: ignore[call-arg]
    _known[place] = mark
    return True


def text(key: str, title: str, markdown: str, *, once: bool = False) -> bool:
    """Show a page of Markdown (文字页面)."""
    return put_up(MarkdownArtifact(key=key, description=title, markdown=markdown), once=once)


def bar(key: str, title: str, percent: float) -> bool:
    """Show a progress bar (进度条)."""
    return put_up(ProgressArtifact(key=key, description=title, progress=percent))


def _asked_for() -> bool:
    """Whether a person started this very run (是否由人启动): not a schedule, nor a run that it is a step of."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    return run is not None and run.deployment_id is not None and not run.auto_scheduled


def _standing(key: str) -> str:
    wanted = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=[key]))
    with get_client(sync_client=True) as client:
        found = client.read_latest_artifacts(artifact_filter=wanted, limit=1)
    return _mark(found[0].description, found[0].data) if found else ""


def _mark(title: str | None, content: Any) -> str:
    # A percentage comes back from the server without its decimals.
    content = float(content) if isinstance(content, int) else content
    return hashlib.sha256(json.dumps([title, content], ensure_ascii=False).encode()).hexdigest()
