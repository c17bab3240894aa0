"""Pictures for the office manual (手册截图), taken from a running office's real UI with headless Chromium.

    python deployments/screenshots.py http://127.0.0.1:4200 docs/images

Some of the pictures (a filled-in form, the page for a signature) are taken by ``clerk_year.py`` on its way through the year.
Run it against an office that has a practice year in it (``jixiao demo --home DIR``, then ``jixiao up --home DIR``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from browser import browser

# The light one of Prefect's two user interfaces: the one that its bare address opens.
DESK = "/v2"


def asked(base: str, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of the office's API."""
    answer = httpx.post(f"{base}/api{path}", json=body, timeout=30)
    answer.raise_for_status()
    return list(answer.json())


def pages(base: str) -> Iterator[tuple[str, str, str, int]]:
    """Name, address, words to wait for and height of every picture."""
    deployments = {row["name"]: row["id"] for row in asked(base, "/deployments/filter", {})}
    yield "deployments", "/deployments?limit=50", "推进年度工作", 1000
    for name, step in (("open-year", "10 建立年度评价工作"), ("approve", "01 审批"), ("draw", "40 抽取")):
        yield name, f"/deployments/deployment/{deployments[step]}/run", "评价年度", 1000
    yield "step", f"/deployments/deployment/{deployments['00 推进年度工作']}", "推进年度工作", 700
    shown = ("notice", "scores", "card", "progress")
    for name, kind in [(name, f"{name}-2") for name in shown]:
        body = {"artifacts": {"key": {"like_": f"{kind}%"}}, "sort": "KEY_ASC", "limit": 1}
        for row in asked(base, "/artifacts/latest/filter", body):
            yield name, f"/artifacts/artifact/{row['latest_id']}", "年度", 800


def main(base: str, target: Path) -> None:
    """Take every picture."""
    target.mkdir(parents=True, exist_ok=True)
    with browser() as page:
        for name, path, wanted, height in pages(base.rstrip("/")):
            page.show(base.rstrip("/") + DESK + path, wanted)
            page.picture(target / f"{name}.png", height)
            print(f"{name}.png {(target / f'{name}.png').stat().st_size // 1024} KB")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
