"""Child processes for strangers' files (沙箱): warm, bounded, and replaced when a file kills one.

Some files abort the whole process, so no ``try`` in the same process is enough. Children are started with
``subprocess`` (never ``fork``), so this works in threads and inside Prefect tasks.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tasks.reading.child import FRAME
from tasks.reading.errors import UnreadableError
from tasks.reading.limits import ReadLimits

_ROOT = Path(__file__).resolve().parents[2]
# A library's leaks end with the child: after so many files it is replaced.
_FILES_PER_CHILD = 100
_KEPT_ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "SYSTEMROOT",
    "VIRTUAL_ENV",
    "PYTHONHASHSEED",
)


class Child:
    """One reading process (读取子进程) with its pipe."""

    def __init__(self) -> None:
        environment = {key: os.environ[key] for key in _KEPT_ENVIRONMENT if key in os.environ}
        paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self.files = 0
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tasks.reading.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )

    def ask(self, request: dict[str, Any], limits: ReadLimits) -> dict[str, Any]:
        """Send a request and wait for its answer (请求并等待). Raises UnreadableError when the child dies or is too slow."""
        self.files += 1
        assert self._process.stdin is not None
        allowed = limits.wall_seconds
        deadline = time.monotonic() + allowed
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            while True:
                answer: dict[str, Any] = json.loads(self._frame(deadline, allowed, limits))
                if answer["kind"] != "progress":
                    return answer
                if answer["page"] == 1:  # a scan's time depends on its pages
                    allowed += answer["pages"] * limits.ocr_seconds_per_page
                    deadline += answer["pages"] * limits.ocr_seconds_per_page
        except (BrokenPipeError, EOFError, ValueError) as error:
            raise UnreadableError("crashed", self._cause()) from error

    def _frame(self, deadline: float, allowed: float, limits: ReadLimits) -> bytes:
        (size,) = FRAME.unpack(self._read(FRAME.size, deadline, allowed))
        if size > limits.result_bytes:
            raise UnreadableError("result-too-large", f"{size >> 20}MB")
        return self._read(size, deadline, allowed)

    def _read(self, count: int, deadline: float, allowed: float) -> bytes:
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        data = bytearray()
        waiter = select.poll()
        waiter.register(pipe, select.POLLIN | select.POLLHUP)
        while len(data) < count:
            left = deadline - time.monotonic()
            if left <= 0 or not waiter.poll(left * 1000):
                raise UnreadableError("timeout", f"{allowed:.0f}秒")
            part = os.read(pipe, min(count - len(data), 1 << 20))
            if not part:
                raise EOFError
            data += part
        return bytes(data)

    def _cause(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        code = self._process.returncode
        if code is not None and code < 0:
            return f"信号{signal.Signals(-code).name}"
        return f"退出码{code}" if code is not None else "没有应答"

    def alive(self) -> bool:
        """Whether the child can take another file (子进程可用)."""
        return self._process.poll() is None and self.files < _FILES_PER_CHILD

    def close(self) -> None:
        """End the child and whatever it started (结束子进程)."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._process.wait()


class Pool:
    """Idle children kept warm (子进程池): as many at work as there are cores, one for text recognition."""

    def __init__(self, workers: int | None = None) -> None:
        self._idle: dict[bool, list[Child]] = {False: [], True: []}
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._turns = {
            False: threading.BoundedSemaphore(workers or os.cpu_count() or 1),
            True: threading.BoundedSemaphore(1),
        }

    @contextlib.contextmanager
    def child(self, ocr: bool) -> Iterator[Child]:
        """A child for one file (取用子进程); it goes back to the pool unless the file killed it."""
        with self._turns[ocr]:
            with self._lock:
                idle = self._idle[ocr]
                child = idle.pop() if idle else None
            if child is None or not child.alive():
                if child is not None:
                    child.close()
                child = Child()
            try:
                yield child
            except BaseException:
                child.close()
                raise
            if child.alive():
                with self._lock:
                    self._idle[ocr].append(child)
            else:
                child.close()

    def ask(self, request: dict[str, Any], limits: ReadLimits) -> dict[str, Any]:
        """Have one request answered (处理请求). Raises UnreadableError; the next file gets a healthy child."""
        with self.child(bool(request["ocr"])) as child:
            answer = child.ask(request, limits)
            if answer.get("code") == "memory":
                child.files = _FILES_PER_CHILD  # its memory is in pieces: replace it
            return answer

    def close(self) -> None:
        """End all idle children (关闭子进程池); a forked copy leaves its parent's alone."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            children = [child for idle in self._idle.values() for child in idle]
            self._idle = {False: [], True: []}
        for child in children:
            child.close()


_pools: dict[int, Pool] = {}
_pools_lock = threading.Lock()


def shared_pool() -> Pool:
    """The pool of this process (本进程的子进程池). Keyed by process id: a forked copy must not share its parent's pipes."""
    with _pools_lock:
        pool = _pools.get(os.getpid())
        if pool is None:
            _pools.clear()
            pool = _pools[os.getpid()] = Pool()
            atexit.register(pool.close)
        return pool
