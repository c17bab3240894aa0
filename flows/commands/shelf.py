"""What the year produced, for the browser (文件服务): documents, results and the site of this data folder, read only, loopback only."""

from __future__ import annotations

import threading
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tasks.stages.progress import PRODUCED

LOOPBACK = "127.0.0.1"
# A page elsewhere could give its own name our address; it is not served.
HOSTS = (LOOPBACK, "localhost")
# A name that no file has.
NOTHING = "-"


class Shelf:
    """A small web server over the produced files (文件架). Raises OSError when the port is taken."""

    def __init__(self, home: Path, port: int) -> None:
        class Handler(_Handler):
            root = home.resolve()

        self.server = ThreadingHTTPServer((LOOPBACK, port), Handler)
        self.server.daemon_threads = True
        self.address = f"http://{LOOPBACK}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving (停止)."""
        self.server.shutdown()
        self.server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    root: Path

    def translate_path(self, path: str) -> str:
        """The file behind an address (文件位置); nothing outside the produced folders, no folder, nothing hidden."""
        parts = [part for part in unquote(urlsplit(path).path).split("/") if part]
        wanted = self.root.joinpath(*parts) if parts else self.root
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host")
        known = bool(parts) and parts[0] in PRODUCED and host in HOSTS
        inside = known and wanted.resolve().is_relative_to(self.root / parts[0])
        hidden = any(part.startswith(".") for part in parts)
        return str(wanted) if inside and not hidden and wanted.is_file() else str(self.root / NOTHING)

    def list_directory(self, path: Any) -> None:
        """No listings (不列目录)."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Files are what they are named, and always the present ones (响应头)."""
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *words: Any) -> None:
        """Nothing is logged: the office's console is for people (不记访问日志)."""
