"""How fast and how lean reading is (读取基准), side by side with what else could read these files.

    python tests/bench/bench_reading.py [FILE ...] [--batch N]

Without files it reads the shared corpus beside the project, else files made on the spot. Each reader runs in a process
of its own (peak memory is its own), once to warm up and then ``_RUNS`` times; medians are printed. A competitor that is
not installed is named and left out. Ratios are theirs to ours: 30 means we take a thirtieth of the time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_RUNS = 3
_SECONDS = 600
ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "files"

_OURS = "from tasks.reading import parse\ndef read(path): parse(path)"
# Each reader as the few lines a user of it would write; `read` takes a Path.
READERS: dict[str, dict[str, tuple[str, str]]] = {
    ".docx": {
        "jixiao": ("lxml", _OURS),
        "markitdown": (
            "markitdown",
            "from markitdown import MarkItDown\nm = MarkItDown()\ndef read(path): m.convert(str(path))",
        ),
        "docx2python": (
            "docx2python",
            "from docx2python import docx2python\ndef read(path):\n with docx2python(path) as d: d.body",
        ),
        "python-docx (row.cells)": (
            "docx",
            "import docx\ndef read(path):\n d = docx.Document(str(path)); [p.text for p in d.paragraphs]\n"
            " [[c.text for c in r.cells] for t in d.tables for r in t.rows]",
        ),
    },
    ".pdf": {
        "jixiao": ("pypdfium2", _OURS),
        "markitdown": (
            "markitdown",
            "from markitdown import MarkItDown\nm = MarkItDown()\ndef read(path): m.convert(str(path))",
        ),
        "pdfplumber (text + tables)": (
            "pdfplumber",
            "import pdfplumber\ndef read(path):\n with pdfplumber.open(path) as d:\n"
            "  for p in d.pages: p.extract_text(); p.extract_tables(); p.close()",
        ),
    },
    ".xlsx": {
        "jixiao": ("lxml", _OURS),
        "markitdown": (
            "markitdown",
            "from markitdown import MarkItDown\nm = MarkItDown()\ndef read(path): m.convert(str(path))",
        ),
        "openpyxl": (
            "openpyxl",
            "import openpyxl\ndef read(path):\n b = openpyxl.load_workbook(path, data_only=True)\n"
            " [[c.value for c in r] for s in b for r in s.iter_rows()]",
        ),
    },
    ".doc": {"jixiao": ("olefile", _OURS)},
    ".xls": {"jixiao": ("python_calamine", _OURS)},
}
_CHILD = """
import importlib.util, json, resource, sys, time, warnings
from pathlib import Path
warnings.simplefilter("ignore")
need, code, runs, paths = json.loads(sys.stdin.read())
if importlib.util.find_spec(need) is None:
    print(json.dumps({"absent": need})); sys.exit()
exec(code)
paths = [Path(path) for path in paths]
times = []
for _ in range(runs + 1):
    start = time.perf_counter()
    for path in paths: read(path)
    times.append(time.perf_counter() - start)
print(json.dumps({"times": times[1:], "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def measured(need: str, code: str, paths: list[Path]) -> dict:
    """Run one reader over the files in its own process (单独进程计时)."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD],
        input=json.dumps([need, code, _RUNS, [str(path) for path in paths]]),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=_SECONDS,
        check=False,
    )
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr.strip().splitlines()[-1][:80]}


def side_by_side(files: list[Path]) -> dict[str, float]:
    """Print each reader's time and memory for each kind of file (并列比较); returns our seconds a file by kind."""
    ours: dict[str, float] = {}
    for kind, readers in READERS.items():
        paths = [path for path in files if path.suffix.lower() == kind and "scan" not in path.name]
        if not paths:
            continue
        print(f"\n{kind}: {len(paths)} files, {sum(path.stat().st_size for path in paths) / 1024:.0f} KB")
        base = 0.0
        for name, (need, code) in readers.items():
            found = measured(need, code, paths)
            if "absent" in found:
                print(f"  {name:28} not installed, left out")
            elif "failed" in found:
                print(f"  {name:28} failed: {found['failed']}")
            else:
                median = statistics.median(found["times"])
                base = base or median
                print(f"  {name:28} {median * 1000:9.1f} ms  {median / base:6.1f} x ours  peak {found['peak']:6.0f} MB")
        ours[kind] = base / len(paths)
    return ours


def batch(files: list[Path], count: int, ours: dict[str, float]) -> None:
    """Print the time of a mixed batch through the child processes (批量读取) against the readers' own times."""
    from tasks.reading import read_files

    mixed = [path for path in files if path.suffix.lower() in ours and "scan" not in path.name]
    paths = [mixed[index % len(mixed)] for index in range(count)]
    own = sum(ours[path.suffix.lower()] for path in paths)
    start = time.perf_counter()
    failed = sum(reading.error is not None for reading in read_files(paths))
    spent = time.perf_counter() - start
    print(f"\nbatch of {count}: {spent:.2f} s on {os.cpu_count()} cores, {failed} failed")
    print(f"  readers' own times, one after another: {own:.2f} s; ratio {spent / own:.2f} (children started included)")


def made(folder: Path) -> list[Path]:
    """Files made on the spot where there is no corpus (现做样本)."""
    sys.path.insert(0, str(ROOT / "tests" / "unit" / "reading"))
    from reading_samples import ROWS, PdfPage, pdf, plain_docx, plain_xlsx

    rows = [*ROWS, *(("效益指标", f"指标{n}", f"≥{n}件", f"{n}件", "1", "1") for n in range(150))]

    def page(sheet: PdfPage) -> None:
        sheet.table(40, 60, (80, 120, 80, 80, 60, 60), [tuple(row) for row in rows[3:30]])

    return [plain_docx(folder / "a.docx", rows=rows), plain_xlsx(folder / "a.xlsx"), pdf(folder / "a.pdf", *[page] * 8)]


def main() -> None:
    """Run the benchmark (运行基准)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--batch", type=int, default=100)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = chosen.files or (sorted(CORPUS.iterdir()) if CORPUS.is_dir() else made(Path(folder)))
        ours = side_by_side(files)
        if ours and chosen.batch:
            batch(files, chosen.batch, ours)


if __name__ == "__main__":
    main()
