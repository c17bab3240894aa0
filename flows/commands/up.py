"""``jixiao up``: server, UI, worker and all deployments on this machine (本机启动), kept running until interrupted."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

import flows
from flows.commands import environment, logs, shelf
from flows.commands.worker import ENVIRONMENT, open_queue, words_for
from models import states
from tasks import server, settings, store
from tasks.workpool import POOL

PREFECT_FILE = settings.PROJECT_ROOT / "deployments" / "prefect.yaml"
LOOK_SECONDS = 2.0
WATCH_SECONDS = 1800.0
# A part that ends so often within so many seconds will not stay up by itself.
MOST_RESTARTS, RESTART_WINDOW = 5, 600.0


def up(home: Path, port: int, workers: int = 1) -> int:
    """Start everything and stay (本机启动). Existing data is kept; started again it goes on. Ctrl-C stops it cleanly."""
    console = Console()
    home = home.resolve()
    made = environment.offer_settings(home)
    environment.enter(home)
    server.prepare_environment(home)
    os.environ.update({name: os.environ.get(name, value) for name, value in ENVIRONMENT.items()})
    store.migrate()
    if made:
        console.print(f"已生成设置文件 {made}，请填写发信服务器等设置后重新启动。", soft_wrap=True)
    # kill, service managers and a closed terminal leave through the same door as Ctrl-C. A shell that starts us in the
    # background has SIGINT ignored, and so would every child: the worker would then never stop.
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.default_int_handler)
    with _alone(home):
        office = Office(home, port, workers, console)
        try:
            office.open()
            return office.keep()
        except KeyboardInterrupt:
            console.print("正在停止……")
            return 0
        finally:
            for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(sign, signal.SIG_IGN)
            office.close()


class Office:
    """What runs on this machine (本机各进程): a server, its workers, and a note of both for the next start."""

    def __init__(self, home: Path, port: int, workers: int, console: Console) -> None:
        self.home, self.port, self.workers, self.console = home, port, workers, console
        self.folder = home / "prefect"
        self.note = self.folder / "workers.json"
        self.server_pid = 0
        self.running: dict[int, subprocess.Popen[bytes]] = {}
        self.shelf: shelf.Shelf | None = None
        self.restarts: list[float] = []
        self.watched = time.monotonic()

    def open(self) -> None:
        """Start the server, register every deployment and automation, start the workers (启动)."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._clear_away()
        with self.console.status("正在启动工作流服务……"):
            self._start_server()
        with self.console.status("正在登记各环节……"):
            self._register()
        if self.server_pid:
            # Not before the server has its address: Prefect looks for it once, when it is first imported.
            from flows import interrupted

            # The server is ours and nobody else can reach it: with its workers cleared away no run can be alive.
            interrupted.declare()
        self._serve_files()
        for number in range(1, self.workers + 1):
            self._start_worker(number)
        address = os.environ["PREFECT_API_URL"].removesuffix("/api")
        self.console.print(f"界面：[bold]{address}[/]  数据目录：{self.home}  按 Ctrl-C 停止", soft_wrap=True)

    def keep(self) -> int:
        """Stay, and start again what ended by itself (值守); 1 when it does not stay up."""
        while True:
            time.sleep(LOOK_SECONDS)
            if self.server_pid and not server.alive(self.server_pid):
                self.console.print("工作流服务意外停止，正在重新启动……")
                self._count()
                self._start_server()
            for number, worker in list(self.running.items()):
                if worker.poll() is not None:
                    self.console.print(f"工作进程{number}意外停止，正在重新启动……")
                    self._count()
                    self._start_worker(number)
            for log in self.folder.glob("*.log"):
                logs.rotate(log)
            if time.monotonic() - self.watched > WATCH_SECONDS:
                self.watched = time.monotonic()
                self._watch()

    def close(self) -> None:
        """Stop everything that was started, and whatever that started (停止)."""
        if self.shelf is not None:
            self.shelf.close()
        for worker in self.running.values():
            server.stop(worker.pid)
        if self.server_pid:
            server.stop(self.server_pid)
        self.note.unlink(missing_ok=True)
        (self.folder / "server.json").unlink(missing_ok=True)

    def _serve_files(self) -> None:
        """Let the page's links open what was produced (文件服务), on the port after the page's; without it they name paths."""
        if os.environ.get("JIXIAO_FILES_URL"):
            return
        try:
            self.shelf = shelf.Shelf(self.home, self.port + 1)
        except OSError:
            self.console.print(f"端口 {self.port + 1} 已被占用，界面上的文件只显示路径，不能点开。", soft_wrap=True)
            return
        os.environ["JIXIAO_FILES_URL"] = self.shelf.address

    def _clear_away(self) -> None:
        """Stop what a killed start left running (清理遗留进程), so that nothing runs twice."""
        left = server.left_over(self.home)
        if left:
            server.stop(left[0])
        try:
            pids = json.loads(self.note.read_text("utf-8"))
        except (OSError, ValueError):
            pids = []
        for pid in pids:
            if server.is_ours(int(pid), "worker"):
                server.stop(int(pid))

    def _register(self) -> None:
        """Register what this program brings (登记), unless this very server has it from an earlier start."""
        note, mark = self.folder / "registered", _mark()
        known = note.read_text("utf-8") if note.exists() else ""
        if known != mark or server.deployments(os.environ["PREFECT_API_URL"]) < len(rows()):
            register()
            note.write_text(mark, "utf-8")
        else:
            _offer_lists()

    def _start_server(self) -> None:
        if not self.server_pid:
            named = os.environ.get("PREFECT_API_URL")
            if named and server.healthy(named):
                self.console.print(f"使用环境变量 PREFECT_API_URL 指定的工作流服务 {named}。", soft_wrap=True)
                return
            _refuse_taken(self.port)
        self.server_pid, address = server.start(self.home, self.port)
        os.environ["PREFECT_API_URL"] = address

    def _start_worker(self, number: int) -> None:
        name, several = f"工作进程{number}", self.workers > 1
        if several:
            open_queue(name, 1)
        words = words_for(name, 4, helping=several)
        with (self.folder / f"worker-{number}.log").open("ab") as log:
            self.running[number] = subprocess.Popen(
                [sys.executable, "-P", "-m", "prefect", *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                start_new_session=True,
            )
        self.note.write_text(json.dumps([worker.pid for worker in self.running.values()]), "utf-8")

    def _count(self) -> None:
        now = time.monotonic()
        self.restarts = [at for at in self.restarts if now - at < RESTART_WINDOW] + [now]
        if len(self.restarts) > MOST_RESTARTS:
            raise server.ServerError(
                f"服务反复停止，已不再重试，请查看 {self.folder} 下的日志。"
                f" A process keeps ending: see the logs in {self.folder}."
            )

    def _watch(self) -> None:
        """The dead-man check from outside the worker (值守检查): it speaks even when no worker runs anything."""
        words = [sys.executable, "-P", "-m", "flows.cli", "watch", "--home", str(self.home)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.console.print((done.stdout or done.stderr).strip(), soft_wrap=True)


def rows() -> list[dict[str, Any]]:
    """The deployments of deployments/prefect.yaml (全部环节)."""
    return list(yaml.safe_load(PREFECT_FILE.read_text("utf-8"))["deployments"])


def _mark() -> str:
    """A digest of everything that is registered (登记内容摘要): the files, and the code that the forms are made of."""
    code = [*Path(flows.__file__).parent.rglob("*.py"), Path(states.__file__)]
    kept = hashlib.sha256()
    for path in sorted([*code, PREFECT_FILE, automations_file()]):
        kept.update(path.read_bytes())
    return kept.hexdigest()


def automations_file() -> Path:
    """The rules by which the server itself acts (自动处置规则文件)."""
    return PREFECT_FILE.with_name("automations.yaml")


def register() -> None:
    """Register the work pool, every deployment and every automation (登记各环节); again changes nothing."""
    from flows.commands import automations

    if not _prefect("work-pool", "inspect", POOL, fail=False):
        _prefect("work-pool", "create", POOL, "--type", "process")
    _prefect("deploy", "--all", "--prefect-file", str(PREFECT_FILE))
    automations.register()
    _offer_lists(always=True)


def _offer_lists(*, always: bool = False) -> None:
    """Let the forms offer what the data holds (更新下拉清单)."""
    from flows import offering

    offering.refresh_quietly(always=always)


def _prefect(*words: str, fail: bool = True) -> bool:
    """Run one Prefect command (运行工作流命令); its own words are shown when it fails."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "prefect", "--no-prompt", *words],
        cwd=settings.PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 and fail:
        raise server.ServerError(f"登记环节失败：{(done.stderr or done.stdout).strip()[-600:]}")
    return done.returncode == 0


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Refuse a second start in the same folder (同一数据目录只能启动一次); a killed one leaves no lock behind."""
    with (home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise server.ServerError(
                f"数据目录 {home} 已由另一个 jixiao up 使用，请先停止它或换一个目录。"
                f" Another jixiao up already works in {home}."
            ) from error
        yield


def _refuse_taken(port: int) -> None:
    """Say so when another program listens on the port (端口被占用)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise server.ServerError(
                f"端口 {port} 已被其他程序占用，请用 --port 换一个端口。"
                f" Port {port} is taken: choose another with --port."
            ) from error
