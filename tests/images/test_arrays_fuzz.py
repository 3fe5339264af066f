"""Damaged files of images and lists: a few of the 10,000 of `python -m benchmarks.fuzz_arrays`."""

from benchmarks.fuzz_arrays import MEGABYTES, fuzz


def test_a_few_damaged_files() -> None:
    found = fuzz(range(300))
    assert found.faults == []
    assert found.grown < MEGABYTES
    assert found.outcomes["whole read"] == 9
    for kind in ("npz", "safetensors", "csv"):
        assert found.outcomes[f"{kind} refused"] > 20
    assert found.outcomes["csv read"] > 5, "some bytes do no harm"
