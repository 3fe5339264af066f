"""What can be read off a line and a plane, on numbers made up."""

import numpy as np
import pytest

from gradlab.types.landscape import LossLine, Rule, stand_ins


def line(loss: list[float], predictions: list[int] | None = None, slope: float = 2.0) -> LossLine:
    half = len(loss) // 2
    return LossLine(
        rule=Rule.SIGN,
        label=0,
        epsilons=np.arange(-half, half + 1) / 10,
        loss=np.array(loss, np.float64),
        predictions=np.array(predictions or [0] * len(loss), np.int16),
        slope=slope,
    )


def test_the_straight_line_starts_at_the_clean_loss() -> None:
    np.testing.assert_allclose(line([3, 1, 0.5, 2, 5]).straight, [0.1, 0.3, 0.5, 0.7, 0.9])


@pytest.mark.parametrize(
    ("loss", "lowest", "too_far"),
    [
        ([9, 3, 0.2, 0.4, 1, 2, 3, 4, 5], 2, 1),
        ([0.9, 0.8, 0.2, 0.4, 1, 2, 3, 4, 5], 2, None),  # it rises again, but stays below the clean loss
        ([0.1, 0.2, 0.3, 0.4, 1, 0, 0, 0, 0], 0, None),  # falls to the end
        ([4, 3, 2, 1.5, 1, 0, 0, 0, 0], 4, 3),  # no negative step helps; what lies above 0 plays no part
        ([1, 0, 0, 1, 1, 1, 1, 1, 1], 2, None),  # of equal ones, the nearest
        ([9, np.nan, 0.2, 0.4, 1, 2, 3, 4, 5], 2, 0),
        ([np.nan] * 9, 4, None),
    ],
)
def test_where_the_negative_side_is_lowest_and_where_it_went_too_far(
    loss: list[float], lowest: int, too_far: int | None
) -> None:
    assert (line(loss).lowest, line(loss).too_far) == (lowest, too_far)


@pytest.mark.parametrize(
    ("predictions", "changes", "runs"),
    [
        ([2, 0, 0, 0, 1], (0, 4), [(0, 0, 2), (1, 3, 0), (4, 4, 1)]),
        ([0, 0, 0, 0, 0], (None, None), [(0, 4, 0)]),
        ([0, 1, 0, 1, 0], (1, 3), [(0, 0, 0), (1, 1, 1), (2, 2, 0), (3, 3, 1), (4, 4, 0)]),
        ([1, 1, 0, 0, 0], (1, None), [(0, 1, 1), (2, 4, 0)]),
    ],
)
def test_where_the_class_changes(
    predictions: list[int], changes: tuple[int | None, int | None], runs: list[tuple[int, int, int]]
) -> None:
    found = line([1, 1, 1, 1, 1], predictions)
    assert (found.changes, found.runs) == (changes, runs)


def test_a_cell_that_is_not_computed_is_stood_in_for_by_the_finest_one_near_it() -> None:
    computed = np.zeros((9, 9), np.bool_)
    computed[::4, ::4] = True
    coarse = stand_ins(computed)
    rows, columns = np.divmod(coarse, 9)
    assert computed[rows, columns].all()
    assert max(np.abs(rows - np.arange(9)[:, None]).max(), np.abs(columns - np.arange(9)).max()) == 2
    computed[2:7:2, 2:7:2] = True
    np.testing.assert_array_equal(stand_ins(computed)[2], [36, 36, 20, 22, 22, 22, 24, 44, 44], "the finer one first")
    computed[:] = True
    np.testing.assert_array_equal(stand_ins(computed).ravel(), np.arange(81))
    np.testing.assert_array_equal(stand_ins(np.zeros((3, 3), np.bool_)).ravel(), np.arange(9))
