"""The most memory that a sweep takes above what `import torch` takes, in a process of its own; prints JSON."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout's gradlab, and no other


def main(arguments: Sequence[str] | None = None) -> int:
    """Sweep once with all defaults: sign and raw, their whole grids."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--images", type=int, default=10_000, help="how many (default: %(default)s)")
    parser.add_argument("--model", default="alexnet", help="the name of weights trained on cifar10")
    options = parser.parse_args(arguments)
    import torch  # noqa: F401  (what its import takes is not gradlab's)

    before = resident()[0]
    import gradlab
    from benchmarks.task import some_images

    batch = some_images("cifar10", options.images)
    result = gradlab.sweep(gradlab.load_model(options.model, "cifar10", device="cpu"), batch)
    epsilons = sum(len(curve.epsilons) for curve in result.curves)
    found = {"images": result.images, "epsilons": epsilons, "seconds": result.seconds, "precision": result.precision}
    print(json.dumps(found | {"bytes": resident()[1] - before}))
    return 0


def resident() -> tuple[int, int]:
    """Bytes of memory of this process: now, and at the most so far; where only the latter is told, that for both."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Not getrusage: on Linux, its maximum is inherited from whoever started this process.
        sizes = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(sizes["VmRSS"].split()[0]) * 1024, int(sizes["VmHWM"].split()[0]) * 1024
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return most, most


if __name__ == "__main__":
    sys.exit(main())
