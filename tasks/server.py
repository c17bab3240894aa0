"""A Prefect server of our own (工作流服务): started with measured settings, its data under home, loopback only."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 180
STOP_SECONDS = 20

# Measured: without batching, recording task runs collides with API writes on SQLite and clients stall for seconds.
SERVER_ENVIRONMENT = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    # In memory, a restarted server would not know who has a step's only place: it stays taken, and who works there is ended.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    # By default the page asks 127.0.0.1:4200 whatever the port is.
    "PREFECT_SERVER_UI_API_URL": "/api",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}
# -P: a folder named like one of our packages in the working directory must not shadow it.
COMMAND = [sys.executable, "-P", "-m", "tasks.server_process", "prefect"]
QUIET = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "PREFECT_CLI_PROMPT": "false"}


class ServerError(RuntimeError):
    """The Prefect server did not start (工作流服务未能启动); the message says where its log is."""


def healthy(api_url: str) -> bool:
    """Whether a Prefect server answers (服务是否可用)."""
    if not api_url.startswith(("http://", "https://")):
        return False
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=3) as answer:  # noqa: S310  checked just above
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def deployments(api_url: str) -> int:
    """How many deployments a server knows (已登记环节数); 0 when it cannot say, as when it asks for a login."""
    asked = urllib.request.Request(  # noqa: S310  our own server's address
        f"{api_url}/deployments/count", b"{}", {"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
            return int(json.load(answer))
    except (urllib.error.URLError, OSError, ValueError):
        return 0


def prepare_environment(home: Path) -> None:
    """Set what Prefect reads when it is imported (工作流环境变量); call before the first import of prefect."""
    folder = home.resolve() / "prefect"
    os.environ.setdefault("PREFECT_HOME", str(folder))
    for name, value in (QUIET | SERVER_ENVIRONMENT).items():
        os.environ.setdefault(name, value)
    if not os.environ.get("PREFECT_API_URL"):
        spare_loopback(folder)


def spare_loopback(folder: Path) -> None:
    """Spare the clients what a server of our own on loopback has no use for (本机服务的客户端从简).

    Measured: each new client of Prefect reads every authority of the web (20 ms) though it speaks plain HTTP here, and asks
    for a token that the server does not use; a practice year makes some three hundred clients.
    """
    import certifi

    folder.mkdir(parents=True, exist_ok=True)
    one, end = folder / "authority.pem", "-----END CERTIFICATE-----"
    if not one.exists():
        temporary = one.with_suffix(f".{os.getpid()}")
        temporary.write_text(f"{Path(certifi.where()).read_text('utf-8').partition(end)[0]}{end}\n", "utf-8")
        temporary.replace(one)
    os.environ.setdefault("PREFECT_API_SSL_CERT_FILE", str(one))
    if "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED" not in os.environ:
        os.environ.setdefault("PREFECT_CLIENT_CSRF_SUPPORT_ENABLED", "false")


@contextmanager
def running(home: Path, port: int | None = None, meanwhile: Callable[[], None] = lambda: None) -> Iterator[str]:
    """A Prefect server for the length of a block (运行期间的工作流服务); yields its API address.

    Uses the one ``PREFECT_API_URL`` names, else one that an earlier, killed run left running, else starts its own and
    stops it at the end. ``meanwhile`` is done while the server starts. Raises ServerError when it does not answer in time.
    """
    prepare_environment(home)
    named = os.environ.get("PREFECT_API_URL")
    if named:
        if not healthy(named):
            raise ServerError(
                f"环境变量 PREFECT_API_URL 指定的工作流服务 {named} 没有响应，请启动该服务或取消该变量。"
                f" The Prefect server at {named} does not answer: start it or unset PREFECT_API_URL."
            )
        yield named
        return

    def work_with(api_url: str) -> None:
        # Before anything imports Prefect, which reads the address then.
        os.environ["PREFECT_API_URL"] = api_url
        meanwhile()

    try:
        pid, api_url = left_over(home) or start(home, port or free_port(), work_with)
        os.environ["PREFECT_API_URL"] = api_url
        try:
            yield api_url
        finally:
            stop(pid)
            (home / "prefect" / "server.json").unlink(missing_ok=True)
    finally:
        os.environ.pop("PREFECT_API_URL", None)


def start(home: Path, port: int, meanwhile: Callable[[str], None] = lambda _: None) -> tuple[int, str]:
    """Start a server on loopback (启动工作流服务) and wait until it answers; its process number and API address.

    ``meanwhile`` is called with the address while the server starts.
    """
    folder = home.resolve() / "prefect"
    folder.mkdir(parents=True, exist_ok=True)
    api_url = f"http://127.0.0.1:{port}/api"
    log = folder / "server.log"
    with log.open("ab") as out:
        started = subprocess.Popen(
            [*COMMAND, "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"PREFECT_LOGGING_LEVEL": "WARNING"},
            start_new_session=True,
        )
    (folder / "server.json").write_text(json.dumps({"pid": started.pid, "api_url": api_url}), "utf-8")
    try:
        meanwhile(api_url)
        _wait(started, api_url, log)
    except BaseException:
        # Interrupted or failed: nothing that nobody knows of stays behind.
        stop(started.pid)
        raise
    return started.pid, api_url


def _wait(started: subprocess.Popen[bytes], api_url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not healthy(api_url):
        if started.poll() is not None or time.monotonic() > deadline:
            raise ServerError(f"工作流服务未能启动，请查看日志 {log}。 The Prefect server did not start: see {log}.")
        time.sleep(0.3)


def left_over(home: Path) -> tuple[int, str] | None:
    """A server that an earlier, killed run left running (遗留的工作流服务), if it still answers."""
    note = home / "prefect" / "server.json"
    try:
        told = json.loads(note.read_text("utf-8"))
        pid, api_url = int(told["pid"]), str(told["api_url"])
    except (OSError, ValueError, KeyError):
        return None
    if not is_ours(pid):
        return None
    if healthy(api_url):
        return pid, api_url
    stop(pid)
    return None


def noted(home: Path) -> str:
    """The API address of the server that ``jixiao up`` runs in this folder (本机服务地址); empty when none is noted."""
    try:
        return str(json.loads((home / "prefect" / "server.json").read_text("utf-8"))["api_url"])
    except (OSError, ValueError, KeyError):
        return ""


def is_ours(pid: int, part: str = "server") -> bool:
    """Whether a process is still that part of Prefect (是否为本系统进程), not another program that got the same number."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"prefect" in words and part.encode() in words


def stop(pid: int, seconds: float = STOP_SECONDS) -> None:
    """End a process and everything it started (停止进程组): politely first, by force after ``seconds``. None left is fine."""
    try:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and alive(pid):
            time.sleep(0.1)
    except ProcessLookupError:
        pass  # The leader is gone; what it started may not be.
    for sign, patience in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 0.0)):
        try:
            os.killpg(pid, sign)
        except (ProcessLookupError, PermissionError):
            return
        time.sleep(patience)


def alive(pid: int) -> bool:
    """Whether a process still runs (进程是否存在), our own child or not; a finished child is taken away."""
    try:
        done, _ = os.waitpid(pid, os.WNOHANG)
        return not done
    except ChildProcessError:
        state = Path(f"/proc/{pid}/stat")
        try:
            return state.read_text("ascii", "replace").rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False


def free_port() -> int:
    """A port on loopback that nobody uses just now (空闲端口)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
