"""How long a sign sweep takes with gradlab, with three other libraries, and at the very least.

The same model, images and epsilons, in one process. Each setting of each contender is tried; with the best of each, all
are first compared (agreement.py): whoever makes other images or gets other predictions ends the benchmark. Then they
take turns.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout's gradlab, and no other

from benchmarks.agreement import Agreement, Disagreement, Reference, compare, plain_float32, reference, refuse
from benchmarks.breakdown import breakdown
from benchmarks.contenders import BAR_TASK, CONTENDERS, FLOOR, OURS
from benchmarks.machine import conditions, heading
from benchmarks.tables import agreement_table, time_table
from benchmarks.task import load_task
from benchmarks.timing import Ready, Timed, ratios, spread, take_turns, warmed_up


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 1 when somebody disagrees."""
    options = parse(arguments)
    task = load_task(options.model, options.images, options.epsilons, options.device, options.batch_size)
    head = conditions(task)
    print(heading(head), end="\n\n", flush=True)
    ready = []
    for contender in CONTENDERS:
        ready.append(warmed_up(task, contender))
        print(f"{contender.name}: best of {len(ready[-1].trials)}: {ready[-1].setting}", file=sys.stderr)
    try:
        with plain_float32():
            right = reference(task)
            agreements = check(ready, right)
    except Disagreement as error:
        print(error, file=sys.stderr)
        return 1
    print(agreement_table(agreements), end="\n\n", flush=True)
    times = take_turns(ready, options.repeats, task.device)
    bars = (options.model, task.device.type, options.images, options.epsilons) == BAR_TASK
    rows = [row(one, times, agreements, right, bars) for one in ready]
    print(time_table(rows))
    if options.profile:
        runs = {one.contender.name: one.run for one in ready if one.contender in (OURS, FLOOR)}
        print("\n" + breakdown(runs, task.device))
    if options.json:
        options.json.write_text(json.dumps({"conditions": head, "contenders": rows}, indent=1) + "\n", encoding="utf-8")
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--images", type=int, default=512, help="how many (default: %(default)s)")
    add("--epsilons", type=int, default=10, help="how many, evenly spaced up to 32/255 (default: %(default)s)")
    add("--repeats", type=int, default=7, help="rounds (default: %(default)s)")
    add("--device", default="cpu", help="cpu, cuda or mps (default: %(default)s)")
    add("--model", default="alexnet", help="the name of weights trained on cifar10 (default: %(default)s)")
    add("--batch-size", type=int, help="for all; default: the best of a few for each, and gradlab's own")
    add("--profile", action="store_true", help="where the time of gradlab and of the floor goes, by operation")
    add("--json", type=Path, metavar="PATH", help="write all that was measured")
    return parser.parse_args(arguments)


def check(ready: Sequence[Ready], right: Reference) -> dict[str, Agreement]:
    """Compare everybody, in the very setting that is timed, with the reference.

    Raises:
        Disagreement: at the first who does something else.
    """
    agreements = {}
    for one in ready:
        agreements[one.contender.name] = compare(one.run, right)
        refuse(one.contender, agreements[one.contender.name], right)
    return agreements


def row(
    one: Ready, times: dict[str, Timed], agreements: dict[str, Agreement], right: Reference, bars: bool
) -> dict[str, Any]:
    """All that was measured of one contender; `bars`: whether this is the task that the bars are for."""
    own = times[one.contender.name]
    return {
        "name": one.contender.name,
        "setting": str(one.setting),
        "seconds": own.seconds,
        "time": asdict(spread(own.seconds)),
        "ratio": asdict(ratios(own.seconds, times[OURS.name].seconds)),
        "bar": one.contender.bar if bars else None,
        "differing": int((own.predictions != right.predictions).sum()),
        "trials": dict(one.trials),
        "agreement": asdict(agreements[one.contender.name]),
    }


if __name__ == "__main__":
    sys.exit(main())
