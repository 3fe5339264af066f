"""The images and predictions of a gallery are those of steps taken one by one; what is chosen is what was named."""

from dataclasses import replace
from threading import Lock

import numpy as np
import pytest
import torch
from helpers import SHAPE, CountedLock, Linear, counted_calls, curve, grey_images, random_batch, result, tiny_cnn

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.experiments.gallery import BEFORE, SHOWS, chosen, known_flips, known_predictions, walk
from gradlab.experiments.pool import Flips, Pool, stream_changes, stream_flips, stream_pool, stream_tiles
from gradlab.experiments.sweep import sweep
from gradlab.figures.pixels import to_picture
from gradlab.measures import available
from gradlab.steps.epsilon import default_grid
from gradlab.steps.perturb import perturb, to_eight_bit
from gradlab.types import Batch, Gallery, Rule, Tiles


def whole_pool(model: torch.nn.Module, batch: Batch, **options: object) -> Pool:
    *_, last = stream_pool(model, batch, **options)  # type: ignore[arg-type]
    return last


# Tiles


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("epsilon", [0.1, -0.1])
def test_tiles_are_the_steps_taken_by_hand(rule: Rule, epsilon: float) -> None:
    model, batch = tiny_cnn(), random_batch(7)
    *_, tiles = stream_tiles(model, whole_pool(model, batch, batch_size=3), rule, epsilon, seed=4, batch_size=2)
    moved = perturb(model, batch.images, batch.labels, epsilon, rule, seed=4, indices=batch.indices)
    probabilities = model(moved).softmax(1).detach()
    np.testing.assert_array_equal(tiles.predictions, probabilities.argmax(1))
    np.testing.assert_allclose(tiles.confidence, probabilities.amax(1), rtol=1e-4)
    for image, row in zip(tiles.images, moved, strict=True):
        levels = np.asarray(to_picture(row.numpy(), scale=1)).transpose(2, 0, 1)
        assert np.abs(image.astype(int) - levels).max() <= 1, "more than a last bit of float32 apart"


def test_a_tile_rounds_as_a_picture_does() -> None:
    model, batch = tiny_cnn(), random_batch(5)
    *_, tiles = stream_tiles(model, whole_pool(model, batch), "sign", 0)
    for image, row in zip(tiles.images, batch.images, strict=True):
        np.testing.assert_array_equal(image, np.asarray(to_picture(row.numpy(), scale=1)).transpose(2, 0, 1))


def test_a_stream_grows_by_chunks_and_what_it_gave_stays() -> None:
    model, batch = tiny_cnn(), random_batch(5)
    pools = list(stream_pool(model, batch, batch_size=2))
    assert [len(pool) for pool in pools] == [2, 4, 5]
    for pool in pools:
        torch.testing.assert_close(pool.of_log_odds, pools[-1].of_log_odds[: len(pool)], rtol=0, atol=0)
        torch.testing.assert_close(pool.images, batch.images[: len(pool)], rtol=0, atol=0)
    tiles = list(stream_tiles(model, pools[-1], "sign", 0.1, batch_size=2))
    assert [len(one) for one in tiles] == [2, 4, 5]
    np.testing.assert_array_equal(tiles[0].images, tiles[-1].images[:2])


def test_one_backward_a_chunk_serves_every_rule_and_epsilon() -> None:
    model, batch = tiny_cnn(), random_batch(6)
    with counted_calls(model) as calls:
        pool = whole_pool(model, batch, batch_size=3)
        for rule in Rule:
            list(stream_tiles(model, pool, rule, 0.1))
            list(stream_flips(model, pool, rule, -1))
    assert calls["backward"] == 2


def test_the_lock_is_let_go_between_chunks() -> None:
    model, batch, lock = tiny_cnn(), random_batch(6), CountedLock()
    *_, pool = stream_pool(model, batch, batch_size=2, lock=lock)
    assert lock.turns == 3
    for _ in stream_tiles(model, pool, "sign", 0.1, batch_size=2, lock=lock):
        assert not lock.depth
    assert lock.turns == 6
    for _ in stream_flips(model, pool, "sign", 1, epsilons=[0.01], batch_size=2, lock=lock):
        assert not lock.depth
    assert lock.turns == 9
    walk(model, random_batch(1), ["sign", "raw"], lock=lock)
    assert lock.turns == 12, "a gradient and two rules"


# Flips


def test_a_linear_model_flips_where_the_formula_says() -> None:
    """Along sign(g), each logit of a linear model moves by epsilon · w_k · sign(g): where two meet is a quotient."""
    model = Linear(classes=2).double()
    images = grey_images(9, torch.float64)
    images += 0.2 * torch.linspace(-1, 1, 9, dtype=torch.float64)[:, None, None, None] * model.weight[0].view(SHAPE)
    images = images.clamp(0.3, 0.7).float().double()
    clean = model(images).argmax(1)
    batch = Batch(images, clean, torch.arange(9), ("ant", "bee"), "zoo", "test", "sample")
    # With two classes the gradient of the loss of class y is a positive multiple of w_other − w_y.
    gap = model.weight[1] - model.weight[0]
    margins = (images.flatten(1) @ gap + model.bias[1] - model.bias[0]).abs()
    thresholds = (margins / gap.abs().sum()).detach().numpy()
    grid = [0.001 * k for k in range(1, 200)]
    expected = [min((e for e in grid if e > t), default=np.nan) for t in thresholds]
    *_, flips = stream_flips(model, whole_pool(model, batch), "sign", 1, epsilons=grid, batch_size=4)
    assert np.isfinite(expected).sum() >= 5
    np.testing.assert_allclose(flips.epsilons, expected)
    *_, down = stream_flips(model, whole_pool(model, batch), "sign", -1, epsilons=[-e for e in grid])
    assert np.isnan(down.epsilons).all(), "descending the loss of its own class, a linear model never flips"


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("side", [1, -1])
def test_flips_are_those_of_a_sweep(rule: Rule, side: int) -> None:
    model, batch = tiny_cnn(), random_batch(40)
    *_, flips = stream_flips(model, whole_pool(model, batch), rule, side, batch_size=7)
    swept = sweep(model, batch, [rule], precision="float32")
    known = known_flips(swept, batch.indices.numpy(), batch.labels.numpy(), rule, side)
    np.testing.assert_array_equal(flips.epsilons, known)
    assert flips.complete
    assert side < 0 or np.isfinite(flips.epsilons).any()


def test_flips_come_outward_and_the_flipped_are_not_asked_again() -> None:
    model, batch = tiny_cnn(), random_batch(40)
    pool = whole_pool(model, batch)
    seen: list[Flips] = []
    with counted_calls(model) as calls:
        for flips in stream_flips(model, pool, "sign", 1, epsilons=[0.2, -0.3, 0.05, 0.0, 0.9], batch_size=1):
            seen.append(flips)
    assert [one.tried for one in seen] == sorted(one.tried for one in seen)
    assert seen[-1].planned == 3, "0 and the other side play no part"
    last = seen[-1].epsilons
    assert set(last[np.isfinite(last)]) <= {0.05, 0.2, 0.9}
    assert np.isfinite(last).any()
    asked = sum(int((np.isnan(last) | (last >= e)).sum()) for e in (0.05, 0.2, 0.9))
    assert calls["forward"] == asked
    for one in seen:
        known = np.isfinite(one.epsilons)
        np.testing.assert_array_equal(one.epsilons[known], last[known])


def test_without_an_epsilon_on_a_side_nothing_is_tried() -> None:
    model, batch = tiny_cnn(), random_batch(3)
    (only,) = stream_flips(model, whole_pool(model, batch), "sign", 1, epsilons=[-0.1, 0.0])
    assert np.isnan(only.epsilons).all()
    assert (only.tried, only.planned, only.complete) == (0, 0, True)


# One image under many epsilons


def test_a_walk_is_the_steps_taken_by_hand_from_one_gradient() -> None:
    model, batch = tiny_cnn(), random_batch(1)
    with counted_calls(model) as calls:
        found = walk(model, batch, ["raw", "random"], seed=3)
    assert calls == {"forward": 3, "backward": 1}
    assert list(found) == [Rule.RAW, Rule.RANDOM]
    for rule, tiles in found.items():
        assert isinstance(tiles, Tiles)
        for k, epsilon in enumerate(default_grid(rule)):
            moved = perturb(model, batch.images, batch.labels, epsilon, rule, seed=3, indices=batch.indices)
            probabilities = model(moved)[0].softmax(0).detach()
            assert tiles.predictions[k] == int(probabilities.argmax())
            assert tiles.confidence[k] == pytest.approx(float(probabilities.max()), rel=1e-4)
            assert np.abs(tiles.images[k] - moved[0].numpy() * 255).max() <= 0.51


def test_the_label_of_the_loss_matters() -> None:
    model, batch = tiny_cnn(), random_batch(1)
    said = int(model(batch.images).argmax())
    batch.labels[0] = (said + 1) % 3
    mine = walk(model, batch, ["sign"], labels="predicted")[Rule.SIGN]
    truth = walk(model, batch, ["sign"])[Rule.SIGN]
    assert not np.array_equal(mine.images, truth.images)
    target = walk(model, batch, ["sign"], labels=f"target:{batch.classes[said]}")[Rule.SIGN]
    np.testing.assert_array_equal(mine.images, target.images)


@pytest.mark.gpu
def test_on_a_gpu_it_is_the_same() -> None:
    model, batch = tiny_cnn(), random_batch(40)
    there = tiny_cnn().cuda()
    here_pool, pool = whole_pool(model, batch), whole_pool(there, batch)
    assert pool.images.is_cuda
    for rule in (Rule.L2, Rule.RANDOM):
        *_, here = stream_tiles(model, here_pool, rule, 0.3)
        *_, tiles = stream_tiles(there, pool, rule, 0.3)
        np.testing.assert_array_equal(tiles.predictions, here.predictions)
        assert np.abs(tiles.images.astype(int) - here.images).max() <= 1
        *_, flips = stream_flips(there, pool, rule, 1, batch_size=7)
        *_, known = stream_flips(model, here_pool, rule, 1)
        assert np.mean(flips.epsilons == known.epsilons) + np.isnan(known.epsilons).mean() > 0.95
    assert set(walk(there, random_batch(1), ["raw", "random"])) == {Rule.RAW, Rule.RANDOM}


# Changes


@pytest.mark.parametrize("rule", list(Rule))
def test_changes_are_the_measures_of_the_steps_taken_by_hand(rule: Rule) -> None:
    model, batch = tiny_cnn(), random_batch(7)
    pool = whole_pool(model, batch, batch_size=3)
    *_, changes = stream_changes(pool, rule, -0.1, seed=4, batch_size=2)
    moved = perturb(model, batch.images, batch.labels, -0.1, rule, seed=4, indices=batch.indices)
    for found, form in ((changes.computed, moved), (changes.rounded, to_eight_bit(moved))):
        assert found.keys() == available().keys()
        for name, values in found.items():
            expected = available()[name].function(batch.images, form)
            np.testing.assert_allclose(values, expected, rtol=1e-4, atol=1e-4)
            assert values.dtype == np.float32
    assert len(changes) == 7


def test_changes_grow_by_chunks_ask_no_network_and_let_the_lock_go() -> None:
    model, batch = tiny_cnn(), random_batch(5)
    pool, lock = whole_pool(model, batch), Lock()
    with counted_calls(model) as calls:
        for changes, count in zip(stream_changes(pool, "sign", 0.1, batch_size=2, lock=lock), (2, 4, 5), strict=True):
            assert not lock.locked()
            assert len(changes) == count
    assert calls == {"forward": 0, "backward": 0}


def test_of_a_linear_model_the_changes_are_formulas() -> None:
    """In the middle of grey nothing is clipped: every value moves by epsilon."""
    model, images = Linear(), grey_images(2, torch.float64)
    batch = Batch(images, torch.tensor([0, 1]), torch.arange(2), ("ant", "bee", "cow"), "zoo", "test", "sample")
    *_, changes = stream_changes(whole_pool(model, batch), "sign", 8 / 255)
    values = int(np.prod(SHAPE))
    expected = {"l0": 1, "l1": values * 8 / 255, "l2": values**0.5 * 8 / 255, "linf": 8 / 255}
    for name, value in expected.items():
        np.testing.assert_allclose(changes.computed[name], value, rtol=1e-6)


def test_changes_of_nonsense_are_refused() -> None:
    pool = whole_pool(tiny_cnn(), random_batch(2))
    with pytest.raises(BadValueError):
        next(stream_changes(pool, "sign", float("nan")))
    with pytest.raises(UnknownNameError):
        next(stream_changes(pool, "sideways", 0.1))
    with pytest.raises(BadValueError, match="batch size of at least 1, got 0"):
        next(stream_changes(pool, "sign", 0.1, batch_size=0))


# What is refused


def test_what_is_refused() -> None:
    model, batch = tiny_cnn(), random_batch(2)
    pool = whole_pool(model, batch)
    with pytest.raises(BadValueError, match="^expected one image, got 2$"):
        walk(model, batch, ["sign"])
    with pytest.raises(BadValueError, match="^expected a side above or below 0, got 0$"):
        next(stream_flips(model, pool, "sign", 0))
    with pytest.raises(BadValueError, match="^epsilon nan: expected a finite number"):
        next(stream_tiles(model, pool, "sign", float("nan")))
    with pytest.raises(UnknownNameError, match="^unknown rule 'l3'"):
        next(stream_tiles(model, pool, "l3", 0.1))
    with pytest.raises(BadValueError, match="^expected a batch size of at least 1, got 0$"):
        next(stream_pool(model, batch, batch_size=0))
    batch.images[0, 0, 0, 0] = 2
    with pytest.raises(BadValueError, match=r"^expected images in \[0, 1\]"):
        next(stream_pool(model, batch))


# What a sweep knows already

SIGN = curve(
    Rule.SIGN, [-0.1, 0.0, 0.1], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 1]]
)  # fmt: skip
KNOWN = replace(result(SIGN), indices=np.array([9, 2, 5, 7]))


def test_predictions_of_some_images_of_a_sweep() -> None:
    places, labels = np.array([5, 9]), np.array([2, 0])
    found = known_predictions(KNOWN, places, labels, Rule.SIGN, 0.1)
    assert found is not None
    before, after = found
    assert after is not None
    assert (before.tolist(), after.tolist()) == ([2, 0], [0, 1])
    for rule, epsilon in ((Rule.SIGN, 0.05), (Rule.RAW, 0.1)):
        part = known_predictions(KNOWN, places, labels, rule, epsilon)
        assert part is not None
        assert (part[0].tolist(), part[1]) == ([2, 0], None), "not on the grid, or no such rule"
    assert known_predictions(KNOWN, np.array([5, 11]), labels, Rule.SIGN, 0.1) is None, "another image"
    assert known_predictions(KNOWN, np.array([5, 3]), labels, Rule.SIGN, 0.1) is None, "another image, between"
    assert known_predictions(KNOWN, places, np.array([2, 1]), Rule.SIGN, 0.1) is None, "an image of another class"


def test_flips_of_a_sweep_that_lacks_an_epsilon_are_not_known() -> None:
    places, labels = np.array([5, 9]), np.array([2, 0])
    assert known_flips(KNOWN, places, labels, Rule.SIGN, 1) is None
    grid = default_grid(Rule.SIGN)
    whole = curve(Rule.SIGN, list(grid), [[0, 1, 2, 1] if e < 4 / 255 else [1, 1, 2, 1] for e in grid])
    wide = replace(result(whole), indices=KNOWN.indices)
    found = known_flips(wide, places, labels, Rule.SIGN, 1)
    assert found is not None
    np.testing.assert_array_equal(found, [np.nan, 4 / 255])
    below = known_flips(wide, places, labels, Rule.SIGN, -1)
    assert below is not None
    assert np.isnan(below).all()
    half = replace(
        wide, curves=(replace(whole, epsilons=whole.epsilons[:14], predictions=whole.predictions[:14]),)
    )  # fmt: skip
    assert known_flips(half, places, labels, Rule.SIGN, -1) is not None
    assert known_flips(half, places, labels, Rule.SIGN, 1) is None


# Which are shown, and in which order

GALLERY = Gallery(
    indices=np.array([40, 10, 30, 20, 50]),
    labels=np.array([0, 1, 1, 2, 0]),
    clean_predictions=np.array([0, 1, 0, 2, 1]),
    predictions=np.array([0, 2, 1, 0, 1]),
    flips=np.array([np.nan, -0.1, -0.3, -0.2, np.nan]),
    clean_confidence=np.array([0.9, 0.5, 0.7, 0.6, 0.8], np.float32),
    tiles=Tiles(
        np.arange(5, dtype=np.uint8).repeat(12).reshape(5, 3, 2, 2), np.array([0, 2, 1, 0, 1]),
        np.array([0.3, 0.9, 0.5, 0.4, 0.6], np.float32),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("show", "places"),
    [
        ("all", [10, 20, 30, 40, 50]), ("flipped", [10, 20, 30]), ("kept", [40, 50]), ("lost", [10, 20]),
        ("won", [30]), ("right_before", [10, 20, 40]), ("wrong_before", [30, 50]), ("right_after", [30, 40]),
        ("wrong_after", [10, 20, 50]),
    ],
)  # fmt: skip
def test_each_choice_shows_what_it_names(show: str, places: list[int]) -> None:
    assert GALLERY.indices[chosen(GALLERY, show)].tolist() == places


@pytest.mark.parametrize(
    ("order", "places"),
    [
        ("place", [10, 20, 30, 40, 50]), ("flip", [10, 20, 30, 40, 50]), ("before", [10, 20, 30, 50, 40]),
        ("after", [40, 20, 30, 50, 10]), ("class", [40, 50, 10, 30, 20]),
    ],
)  # fmt: skip
def test_each_order_goes_by_what_it_names_and_then_by_place(order: str, places: list[int]) -> None:
    assert GALLERY.indices[chosen(GALLERY, order=order)].tolist() == places


def test_those_that_never_flip_come_last_in_their_own_order() -> None:
    away = replace(GALLERY, flips=np.array([0.2, np.nan, 0.1, np.nan, np.nan]))
    assert away.indices[chosen(away, order="flip")].tolist() == [30, 40, 10, 20, 50]


def test_classes_are_kept_and_may_leave_nothing() -> None:
    assert GALLERY.indices[chosen(GALLERY, classes=[0, 2])].tolist() == [20, 40, 50]
    assert chosen(GALLERY, "won", classes=[2]).tolist() == []
    nothing = GALLERY.at(np.array([], np.int64))
    assert len(nothing) == 0


def test_some_of_a_gallery_are_the_same_in_each_column() -> None:
    some = GALLERY.at(np.array([3, 0]))
    assert some.predictions is not None
    columns = some.indices, some.labels, some.clean_predictions, some.predictions
    assert [column.tolist() for column in columns] == [[20, 40], [2, 0], [2, 0], [0, 0]]
    assert some.tiles is not None
    assert some.tiles.images[:, 0, 0, 0].tolist() == [3, 0]
    assert some.clean_confidence is not None
    np.testing.assert_array_equal(some.clean_confidence, np.array([0.6, 0.9], np.float32))
    without = replace(GALLERY, tiles=None, clean_confidence=None, predictions=None).at(np.array([1]))
    assert (without.tiles, without.clean_confidence, without.predictions) == (None, None, None)


def test_what_cannot_be_chosen_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="^unknown choice of images 'odd': expected one of all, flipped"):
        chosen(GALLERY, "odd")
    with pytest.raises(UnknownNameError, match="^unknown order 'luck': expected one of place, flip"):
        chosen(GALLERY, order="luck")
    with pytest.raises(BadValueError, match="'after'"):
        chosen(replace(GALLERY, tiles=None), order="after")
    unknown = replace(GALLERY, predictions=None)
    for show in SHOWS:
        if show in BEFORE:
            assert chosen(unknown, show).tolist() == chosen(GALLERY, show).tolist()
        else:
            with pytest.raises(BadValueError, match=f"^expected a gallery that holds what '{show}' and 'place' go by"):
                chosen(unknown, show)
