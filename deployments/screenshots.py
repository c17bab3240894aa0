"""Pictures for the office manual (手册截图), taken from a running office's real UI with headless Chromium.

    python deployments/screenshots.py http://127.0.0.1:4200 docs/images

Run it against an office that has a practice year in it (``jixiao demo --home DIR``, then ``jixiao up --home DIR``).
"""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

WIDTH, HEIGHT = 1280, 860
COLOURS = 64
LOAD_SECONDS = 45.0
STEADY_SECONDS = 1.5
# The light one of Prefect's two user interfaces, and Chinese time whatever this machine's zone is.
PREPARE = "localStorage.setItem('theme', 'light')"
ZONE = "Asia/Shanghai"


class Page:
    """One browser tab, spoken to in the DevTools protocol."""

    def __init__(self, line: ClientConnection) -> None:
        self.line, self.number = line, 0

    def ask(self, method: str, **words: Any) -> dict[str, Any]:
        self.number += 1
        self.line.send(json.dumps({"id": self.number, "method": method, "params": words}))
        while True:
            answer = json.loads(self.line.recv(timeout=60))
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return dict(answer["result"])

    def value(self, expression: str) -> Any:
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def show(self, address: str, wanted: str) -> None:
        """Go to a page and wait until it shows the words wanted and then rests."""
        self.ask("Page.navigate", url=address)
        deadline = time.monotonic() + LOAD_SECONDS
        while wanted not in (self.value("document.body ? document.body.innerText : ''") or ""):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{address} does not show “{wanted}”")
            time.sleep(0.3)
        time.sleep(STEADY_SECONDS)

    def picture(self, target: Path, height: int = HEIGHT) -> None:
        """Save what the tab shows, with few colours so that it stays small."""
        from PIL import Image

        self.ask("Emulation.setDeviceMetricsOverride", width=WIDTH, height=height, deviceScaleFactor=1, mobile=False)
        time.sleep(STEADY_SECONDS)
        taken = self.ask("Page.captureScreenshot", format="png")
        image = Image.open(io.BytesIO(base64.b64decode(taken["data"]))).convert("RGB")
        image.quantize(COLOURS).save(target, optimize=True)


@contextmanager
def browser() -> Iterator[Page]:
    """A headless Chromium with one tab, ended with its profile."""
    program = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if program is None:
        raise SystemExit("chromium is needed for the pictures and is not installed")
    with tempfile.TemporaryDirectory(prefix="jixiao-browser-") as profile:
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0"]
        started = subprocess.Popen(
            [program, *flags, f"--user-data-dir={profile}", f"--window-size={WIDTH},{HEIGHT}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield Page(connect(_tab(Path(profile)), max_size=None))
        finally:
            started.terminate()
            started.wait(timeout=20)


def _tab(profile: Path) -> str:
    note = profile / "DevToolsActivePort"
    deadline = time.monotonic() + LOAD_SECONDS
    while not note.exists() or not note.read_text():
        if time.monotonic() > deadline:
            raise RuntimeError("chromium did not start")
        time.sleep(0.2)
    port = int(note.read_text().split()[0])
    tabs = httpx.get(f"http://127.0.0.1:{port}/json/list").json()
    return str(next(tab for tab in tabs if tab["type"] == "page")["webSocketDebuggerUrl"])


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
    for name, kind in (("notice", "notice-"), ("scores", "scores-"), ("card", "card-")):
        body = {"artifacts": {"key": {"like_": f"{kind}%"}}, "sort": "KEY_ASC", "limit": 1}
        for row in asked(base, "/artifacts/latest/filter", body):
            yield name, f"/artifacts/artifact/{row['latest_id']}", "年度", 800


def main(base: str, target: Path) -> None:
    """Take every picture."""
    target.mkdir(parents=True, exist_ok=True)
    with browser() as page:
        page.ask("Emulation.setTimezoneOverride", timezoneId=ZONE)
        page.ask("Page.addScriptToEvaluateOnNewDocument", source=PREPARE)
        page.ask("Page.enable")
        for name, path, wanted, height in pages(base.rstrip("/")):
            page.show(base.rstrip("/") + path, wanted)
            page.picture(target / f"{name}.png", height)
            print(f"{name}.png {(target / f'{name}.png').stat().st_size // 1024} KB")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
