"""Links from what staff read to what they do next (办理链接): a form already filled in, a file that was produced."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from prefect.client.orchestration import get_client

from tasks import settings

MOST_DEPLOYMENTS = 200
# The light one of Prefect's two pages, which is also the one that its bare address opens.
DESK = "/v2"


def to_form(words: str, step: str, values: Mapping[str, Any]) -> str:
    """A Markdown link that opens a step's form with these values in it (预填表单链接); only words where it is not deployed."""
    deployment = _deployments().get(step)
    if deployment is None:
        return f"{words}（环节“{step}”）"
    filled = quote(json.dumps({"form": dict(values)}, ensure_ascii=False, separators=(",", ":")))
    return f"[{words}]({DESK}/deployments/deployment/{deployment}/run?parameters={filled})"


def to_shown(words: str, key: str) -> str:
    """A Markdown link to what runs have shown under a key (已展示内容链接), the newest on top."""
    return f"[{words}]({DESK}/artifacts/key/{key})"


def to_file(path: str, words: str = "") -> str:
    """A Markdown link to a file below the data folder (文件链接); only its place, or the words, where files are not served."""
    base = settings.current().files_url.rstrip("/")
    if base:
        return f"[{words or path}]({base}/{quote(path)})"
    return words or f"`{path}`"


@functools.lru_cache(maxsize=1)
def _deployments() -> dict[str, str]:
    """The deployment of each step (各环节的部署) by the step's name, which follows its two-digit place."""
    with get_client(sync_client=True) as client:
        return {one.name[3:]: str(one.id) for one in client.read_deployments(limit=MOST_DEPLOYMENTS)}
