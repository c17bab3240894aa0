"""``jixiao up``: server, UI, worker and all deployments on this machine (本机启动), until it is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from tasks import server, settings, store

POOL = "bureau"


def up(home: Path, port: int) -> int:
    """Start everything and stay (本机启动). Existing data is kept; started again it goes on. Ctrl-C stops it cleanly."""
    console = Console()
    home.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("JIXIAO_HOME", str(home.resolve()))
    settings.current.cache_clear()
    store.migrate()
    # kill and service managers send SIGTERM; leave through the same door as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with console.status("正在启动工作流服务……"):
        context = server.running(home, port)
        address = context.__enter__()
    try:
        with console.status("正在登记各环节……"):
            _prefect("work-pool", "create", POOL, "--type", "process", "--overwrite")
            _prefect("deploy", "--all", "--prefect-file", str(settings.PROJECT_ROOT / "deployments" / "prefect.yaml"))
        console.print(f"界面：[bold]{address.removesuffix('/api')}[/]  数据目录：{home.resolve()}  按 Ctrl-C 停止")
        worker = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--limit", "4"],
            cwd=settings.PROJECT_ROOT,
            start_new_session=True,
        )
        try:
            return worker.wait()
        except KeyboardInterrupt:
            console.print("正在停止……")
            os.killpg(worker.pid, signal.SIGTERM)
            worker.wait(timeout=30)
            return 0
    finally:
        context.__exit__(None, None, None)


def _prefect(*words: str) -> None:
    """Run one Prefect command (运行工作流命令); its own words are shown when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", *words],
        cwd=settings.PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise server.ServerError(f"登记环节失败：{(done.stderr or done.stdout).strip()[-600:]}")
