"""`make bench`: how quick the service is, each time against a floor measured in the same run.

Starts its own PostgreSQL (durable), Valkey and two web servers of the same size, and measures in
random order, several rounds each; medians are compared. No worker runs meanwhile, so nothing else
uses the machine. `python -m benchmarks.release_day --only 1,4` measures only those lines.
"""

import argparse
import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks import gateway, results
from benchmarks.lines import Line, chosen
from benchmarks.servers import APPLICATIONS, prepare, python, serving, web


def main() -> None:
    asked = arguments()
    only = [number for number in asked.only.split(",") if number]
    with tempfile.TemporaryDirectory(prefix="mpaspor-bench-") as name, ExitStack() as running:
        folder = Path(name)
        prepare(folder, running)
        ports = {name: asked.port + number for number, name in enumerate(APPLICATIONS)}
        for name, port in ports.items():
            running.enter_context(serving(web(name, port), folder))
        if any(line.number.startswith("8") for line in chosen(only)):
            ports["simponi"] = asked.port + len(APPLICATIONS)
            program = gateway.simulator(ports["simponi"], folder, asked.bills)
            running.enter_context(serving(program, folder))
        target = folder / "rates.json"
        facts = {"ports": ports, "target": str(target), "only": only}
        facts |= {"rounds": asked.rounds, "bills": asked.bills}
        python("-m", "benchmarks.measure", json.dumps(facts))
        rates = json.loads(target.read_text())
    report(chosen(only), rates, "speed-" + "-".join(only) if only else "speed")


def report(lines: list[Line], rates: dict[str, list[float]], name: str) -> None:
    ratios = [(line, line.ratio(rates)) for line in lines]
    rows = [
        [
            line.number,
            f"{line.ours}: {median(rates[line.ours]):,.0f}/s",
            f"{line.floor}: {median(rates[line.floor]):,.0f}/s",
            f"{ratio:.2f}",
            f"{'at most' if line.is_cost else 'at least'} {line.goal}",
            "yes" if line.is_met(ratio) else "not yet",
        ]
        for line, ratio in ratios
    ]
    shown = results.table(["#", "measured", "against", "ratio", "goal", "met"], rows)
    measured = {
        "rounds": len(next(iter(rates.values()))),
        "per_second": {name: [round(rate, 1) for rate in each] for name, each in rates.items()},
        "ratios": [
            {"line": line.number, "measured": line.ours, "ratio": round(ratio, 3)}
            | {"goal": line.goal, "met": line.is_met(ratio)}
            for line, ratio in ratios
        ],
    }
    page = results.write(name, measured, shown)
    print(f"\n{shown}\n")
    met = sum(line.is_met(ratio) for line, ratio in ratios)
    print(f"{met} of {len(ratios)} goals met; written to benchmarks/results/{page.name}.")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="numbers of lines, as 1,4,10")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bills", type=int, default=20_000, help="open ones, of line 8")
    parser.add_argument("--port", type=int, default=8761)
    return parser.parse_args()


if __name__ == "__main__":
    main()
