"""How long a sign sweep takes with gradlab, with three other libraries, and at the very least.

The same model, images and epsilons, in one process. Each setting of each contender is tried; with the best of each, all
are first compared (agreement.py): whoever makes other images or gets other predictions ends the benchmark. Then they
take turns. Three networks, one after the other, unless one is named; a bar that is missed is explained by a profile.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout's gradlab, and no other

from benchmarks.agreement import Agreement, Disagreement, Reference, compare, reference, refuse
from benchmarks.breakdown import breakdown, operations
from benchmarks.contenders import CONTENDERS, FLOOR, NOTHING_PROMISED, OURS, PROMISES, Contender
from benchmarks.machine import conditions, heading, load
from benchmarks.missed import explanation, missed
from benchmarks.tables import agreement_table, time_table
from benchmarks.task import load_task
from benchmarks.timing import Ready, Timed, ratios, spread, take_turns, warmed_up
from gradlab.memory import keep_freed
from gradlab.steps.float32 import plain_float32

KEPT = "For all alike, freed memory is kept in the process, as in gradlab's own server and command line."
WARM_UP = (
    "What is made once is made in the warm-up and not timed: the libraries' classifiers, and how gradlab asks the"
    " model, compiling and calibrating included. Each round takes its own gradients."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark of one network, or of each; 1 when somebody disagrees."""
    options = parse(arguments)
    keep_freed()
    found, before = {}, load()  # from the second network on, the load is that of the benchmark itself
    with fresh_compiler_cache():
        for name in [options.model] if options.model else PROMISES:
            try:
                found[name] = measured(name, options, before)
            except Disagreement as error:
                print(error, file=sys.stderr)
                return 1
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def measured(name: str, options: argparse.Namespace, before: float) -> dict[str, Any]:
    """Measure and print all of one network; `before`: the machine's load before the first one.

    Raises:
        Disagreement: when somebody does something else than the others.
    """
    promise = PROMISES.get(name, NOTHING_PROMISED)
    images, epsilons = options.images or promise.images, options.epsilons or promise.epsilons
    task = load_task(
        name, images, epsilons, options.device, options.batch_size, options.dataset or promise.dataset, options.folder
    )
    head = conditions(task) | {"load": before, "remarks": [WARM_UP, KEPT]}
    print(f"## {name}\n\n{heading(head)}", end="\n\n", flush=True)
    ready = [told(warmed_up(task, contender)) for contender in among(options.only)]
    print(way_taken(ready), end="\n\n", flush=True)
    with plain_float32(task.device):
        right = reference(task, [one.setting for one in ready])
        agreements = check(ready, right)
    print(agreement_table(agreements), end="\n\n", flush=True)
    times = take_turns(ready, options.repeats or promise.repeats, task.device)
    promised = (task.device.type, images, epsilons) == ("cpu", promise.images, promise.epsilons)
    rows = [row(one, times, agreements, right, promise.bars if promised else {}) for one in ready]
    print(time_table(rows), end="\n\n", flush=True)
    if (options.profile or missed(rows)) and any(row["name"] == FLOOR.name for row in rows):
        runs = {one.contender.name: one.run for one in ready if one.contender in (OURS, FLOOR)}
        profiled = {who: operations(run, task.device) for who, run in runs.items()}
        parts = breakdown(profiled), explanation(rows, profiled)
        print(*filter(None, parts), sep="\n\n", end="\n\n", flush=True)
    return {"conditions": head, "contenders": rows}


def among(only: str | None) -> list[Contender]:
    """Those who are measured: gradlab itself, and those named; all, where none is."""
    names = [one.name for one in CONTENDERS] if only is None else [OURS.name, *only.split(",")]
    if unknown := set(names) - {one.name for one in CONTENDERS}:
        raise SystemExit(f"expected some of {', '.join(one.name for one in CONTENDERS)}, got {', '.join(unknown)}")
    return [one for one in CONTENDERS if one.name in names]


def told(one: Ready) -> Ready:
    """The same, once its setting has been said."""
    print(f"{one.contender.name}: best of {len(one.trials)}: {one.setting}", file=sys.stderr)
    return one


def way_taken(ready: Sequence[Ready]) -> str:
    """Which of gradlab's settings is taken, and how long finding out took."""
    ours = next(one for one in ready if one.contender.name == OURS.name)
    ways = "; ".join(f"{setting}: {1000 * seconds:.1f} ms" for setting, seconds in ours.trials.items())
    made = "compiling and calibrating" if ours.setting.compiled else "calibrating"
    return f"gradlab, tried: {ways}. Taken: {ours.setting}; {made} took {ours.preparing:.1f} s."


@contextmanager
def fresh_compiler_cache() -> Iterator[None]:
    """Without what was compiled before, which would make compiling seem quick."""
    name = "TORCHINDUCTOR_CACHE_DIR"
    before = os.environ.get(name)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ[name] = folder
        try:
            yield
        finally:
            del os.environ[name]
            os.environ.update({} if before is None else {name: before})


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--images", type=int, help=f"how many (default: {_each('images')})")
    add("--epsilons", type=int, help=f"how many, evenly spaced up to 32/255 (default: {_each('epsilons')})")
    add("--repeats", type=int, help=f"rounds (default: {_each('repeats')})")
    add("--device", default="cpu", help="cpu, cuda or mps (default: %(default)s)")
    add("--model", help=f"the name of shipped weights (default: {', then '.join(PROMISES)})")
    add("--dataset", help=f"whose (default: {_each('dataset')})")
    add("--folder", type=Path, help="pictures instead of the data set's own images; one network has to be named, too")
    add("--only", metavar="NAMES", help="beside gradlab, separated by commas, as in the table; default: all")
    add("--batch-size", type=int, help="for all; default: the best of a few for each, and gradlab's own")
    add("--profile", action="store_true", help="where the time of gradlab and of the floor goes, by operation")
    add("--json", type=Path, metavar="PATH", help="write all that was measured")
    return parser.parse_args(arguments)


def _each(what: str) -> str:
    """What is measured by default, network by network."""
    return ", ".join(f"{getattr(promise, what)} with {name}" for name, promise in PROMISES.items())


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
    one: Ready, times: dict[str, Timed], agreements: dict[str, Agreement], right: Reference, bars: Mapping[str, float]
) -> dict[str, Any]:
    """All that was measured of one contender; `bars`: those of this task, by the contender's name."""
    own = times[one.contender.name]
    return {
        "name": one.contender.name,
        "setting": str(one.setting),
        "seconds": own.seconds,
        "time": asdict(spread(own.seconds)),
        "ratio": asdict(ratios(own.seconds, times[OURS.name].seconds)),
        "bar": bars.get(one.contender.name),
        "differing": int((own.predictions != right.predictions).sum()),
        "trials": dict(one.trials),
        "preparing": one.preparing,
        "agreement": asdict(agreements[one.contender.name]),
    }


if __name__ == "__main__":
    sys.exit(main())
