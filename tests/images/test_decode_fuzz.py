"""Damaged files give a picture or a `GradlabError`: a few of the 10,000 of `python -m benchmarks.fuzz_pictures`."""

from benchmarks.fuzz_pictures import MEGABYTES, damaged, fuzz, whole_files
from gradlab.images.decode import decode


def test_a_few_damaged_files() -> None:
    found = fuzz(range(300))
    assert found.faults == []
    assert found.grown < MEGABYTES
    assert found.outcomes["decoded"] > 10, "some bytes do no harm"
    assert found.outcomes.total() - found.outcomes["decoded"] > 100


def test_whole_ones_are_decoded_and_damaged_ones_are_others() -> None:
    files = whole_files()
    for data in files:
        assert decode(data).shape in {(36, 48, 3), (48, 36, 3)}
    assert len({damaged(files, seed) for seed in range(50)}) == 50
