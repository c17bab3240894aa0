"""A headless Chromium spoken to in the DevTools protocol (浏览器): for the manual's pictures, and to work at the desk as a clerk."""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
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

# Field by the words on its label; the page ties the two by id. A list's trigger is a button with the same id.
FIELD = """(label) => {
  const found = [...document.querySelectorAll('label')].find(l => l.innerText.replace('(Optional)', '').trim() === label);
  if (!found) return null;
  const box = found.closest('.group') || found.parentElement;
  const kinds = ['[aria-haspopup=listbox]', 'textarea', 'input', '[role=switch]'];
  return document.getElementById(found.htmlFor) || kinds.map(k => box.querySelector(k)).find(e => e);
}"""


class Page:
    """One browser tab."""

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
        """What an expression gives in the tab; what it promises is waited for."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return answer["result"].get("value")

    def open(self, address: str, width: int = WIDTH, height: int = HEIGHT, *, media: str = "screen") -> None:
        """Show a page that is there at once, such as a file, at a width and for a medium."""
        self.ask("Emulation.setEmulatedMedia", media=media)
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Page.navigate", url=address)
        there = f"document.readyState === 'complete' && location.href === {json.dumps(address)}"
        self.until(there, f"{address} does not load", pause=0.01)

    def text(self) -> str:
        """What the tab shows, as words."""
        return self.value("document.body ? document.body.innerText : ''") or ""

    def until(self, expression: str, what: str, seconds: float = LOAD_SECONDS, pause: float = 0.2) -> Any:
        """Wait until an expression is true; its value."""
        deadline = time.monotonic() + seconds
        while not (found := self.value(expression)):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what}; the page says: {self.text()[:800]}")
            time.sleep(pause)
        return found

    def show(self, address: str, wanted: str) -> None:
        """Go to a page and wait until it shows the words wanted and then rests."""
        self.ask("Page.navigate", url=address)
        self.wait_for(wanted)
        time.sleep(STEADY_SECONDS)

    def wait_for(self, words: str, seconds: float = LOAD_SECONDS) -> None:
        shown = json.dumps(words, ensure_ascii=False)
        self.until(f"document.body && document.body.innerText.includes({shown})", f"no “{words}”", seconds)

    def picture(self, target: Path, height: int = HEIGHT) -> None:
        """Save what the tab shows, with few colours so that it stays small."""
        from PIL import Image

        self.ask("Emulation.setDeviceMetricsOverride", width=WIDTH, height=height, deviceScaleFactor=1, mobile=False)
        time.sleep(STEADY_SECONDS)
        taken = self.ask("Page.captureScreenshot", format="png")
        image = Image.open(io.BytesIO(base64.b64decode(taken["data"]))).convert("RGB")
        image.quantize(COLOURS).save(target, optimize=True)

    def click_at(self, expression: str, what: str) -> None:
        """Click with the mouse on the element an expression names."""
        place = self.until(
            f"(() => {{ const e = {expression}; if (!e) return null; e.scrollIntoView({{block: 'center'}});"
            " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()",
            f"nothing to click: {what}",
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def click(self, words: str, tags: str = "button, a, [role=tab], [role=option]") -> None:
        """Click on the button, link or tab that says this."""
        named = json.dumps(words, ensure_ascii=False)
        self.click_at(
            f"[...document.querySelectorAll('{tags}')].filter(e => e.innerText.trim() === {named}).at(-1)", words
        )

    def type(self, label: str, words: str) -> None:
        """Type into a field, in place of what it holds."""
        self.click_at(f"({FIELD})({json.dumps(label, ensure_ascii=False)})", label)
        self.value("document.activeElement.select && document.activeElement.select()")
        self.ask("Input.insertText", text=words)

    def choose(self, label: str, words: str) -> None:
        """Choose the entry of a field's list that holds these words."""
        self.click_at(f"({FIELD})({json.dumps(label, ensure_ascii=False)})", label)
        named = json.dumps(words, ensure_ascii=False)
        self.click_at(
            f"[...document.querySelectorAll('[role=option]')].find(e => e.innerText.includes({named}))", words
        )
        self.press_escape(label)

    def field(self, label: str) -> str:
        """The field with this label, as an expression."""
        return f"({FIELD})({json.dumps(label, ensure_ascii=False)})"

    def is_list(self, label: str) -> bool:
        """Whether a field is chosen from a list; waits for the field."""
        self.until(f"!!{self.field(label)}", f"no field {label}")
        return self.value(f"{self.field(label)}.getAttribute('aria-haspopup')") == "listbox"

    def chosen(self, label: str) -> str:
        """What a list field holds."""
        return str(self.until(f"{self.field(label)}.innerText", f"no field {label}"))

    def entries(self, label: str) -> list[str]:
        """What a field's list offers; nothing where it has no list."""
        if not self.is_list(label):
            return []
        self.click_at(self.field(label), label)
        self.until("!!document.querySelector('[role=option]')", f"the list of {label} is empty")
        found = self.value("[...document.querySelectorAll('[role=option]')].map(e => e.innerText.trim())")
        self.press_escape(label)
        return list(found)

    def press_escape(self, label: str) -> None:
        """Close the open list."""
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key="Escape", code="Escape", windowsVirtualKeyCode=27)
        self.until("!document.querySelector('[role=option]')", f"the list of {label} stays open")

    def switch_on(self, label: str) -> None:
        """Turn a switch on."""
        self.click_at(f"({FIELD})({json.dumps(label, ensure_ascii=False)})", label)


@contextmanager
def browser() -> Iterator[Page]:
    """A headless Chromium with one tab, ended with its profile."""
    program = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if program is None:
        raise SystemExit("chromium is needed and is not installed")
    with tempfile.TemporaryDirectory(prefix="jixiao-browser-", ignore_cleanup_errors=True) as profile:
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0"]
        started = subprocess.Popen(
            [program, *flags, f"--user-data-dir={profile}", f"--window-size={WIDTH},{HEIGHT}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            page = Page(connect(_tab(Path(profile)), max_size=None))
            page.ask("Emulation.setTimezoneOverride", timezoneId=ZONE)
            page.ask("Page.addScriptToEvaluateOnNewDocument", source=PREPARE)
            page.ask("Page.enable")
            yield page
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
