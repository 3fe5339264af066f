"""What is said of the images of a gallery, image by image."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_results import CLASSES, SEEDS, SIZES, checked
from reading import COUNT, EPSILON, count, epsilon_of, read, says

from gradlab.images.brought import image_set_of
from gradlab.images.registry import image_set, registered
from gradlab.steps.epsilon import default_grid
from gradlab.types import Gallery, LabelSource, Rule, Tiles
from gradlab.ui.gallery.many import _those, _tile, _which
from gradlab.ui.gallery.one import _tile as _tile_of_one
from gradlab.ui.jobs.gallery import GalleryJob, Images

NAMES = CLASSES["cifar10"]


@st.composite
def galleries(draw: st.DrawFn) -> tuple[Gallery, Tiles, GalleryJob]:
    """Images under one step: with what is said of them on a page of tiles."""
    chance, images = np.random.default_rng(draw(SEEDS)), draw(st.sampled_from((1, 7, 40)))
    rule, side = draw(st.sampled_from(list(Rule))), draw(st.sampled_from((-1, 1)))
    grid = sorted((e for e in default_grid(rule) if e * side > 0), key=abs)
    size = draw(st.sampled_from((0.0, *SIZES[rule.unit], 3 * abs(grid[-1]))))
    labels, before, after = chance.integers(len(NAMES), size=(3, images))
    after = np.where(chance.random(images) < 0.5, before, after) if size else before
    flips = np.where(chance.random(images) < 0.5, chance.choice(grid, images), np.nan)
    tiles = Tiles(
        np.zeros((images, 3, 2, 2), np.uint8),
        after,
        chance.choice([0.004, 0.5, 0.996, 1.0, np.nan], images).astype(np.float32),
    )
    known = bool(chance.random() < 0.5)
    gallery = Gallery(np.arange(images) + 5, labels, before, after if known else None, flips)
    pool = Images("cifar10", "tiny", LabelSource.TRUE, tuple(range(5, 5 + images)))
    key = GalleryJob(pool, rule, side * size, side)
    return gallery, tiles, key


@checked
@given(galleries(), st.booleans())
def test_a_tile(made: tuple[Gallery, Tiles, GalleryJob], complete: bool) -> None:
    gallery, tiles, key = made
    furthest = max(map(abs, default_grid(key.rule)))
    for n in range(len(gallery)):
        tile = _tile(gallery, tiles, n, key, complete)
        before, after, truth = (NAMES[k[n]] for k in (gallery.clean_predictions, tiles.predictions, gallery.labels))
        flipped = before != after
        said = read(
            r"(?:(?P<was>\w+) → (?P<now>\w+)|(?P<same>\w+), unchanged), test image (?P<place>\d+)(?:, (?P<when>.*))?, "
            r"true class (?P<truth>\w+)",
            tile.name,
        )
        assert (said.get("was"), said.get("now"), said.get("same")) == (
            (before, after, None) if flipped else (None, None, after)
        )
        assert (int(said["place"]), said["truth"], tile.flipped) == (gallery.indices[n], truth, flipped)
        first, second, third = tile.lines
        assert first == f"{'✓' if after == truth else '✗'} {after}"
        sure = second.removesuffix(f" · was {before}")
        assert (sure == second) == (not flipped)
        share = float(tiles.confidence[n])
        assert sure == "no number" if math.isnan(share) else says(sure, share)
        flip = float(gallery.flips[n])
        assert third == said.get("when", "")
        if math.isnan(flip):
            beyond = "beyond" if abs(key.epsilon) > furthest else "between"
            assert third == ("" if not complete else f"{beyond} the ε tried" if flipped else "never flips")
            continue
        when = read(rf"(?P<tense>flipped|flips) at (?P<epsilon>{EPSILON})", third)
        assert abs(epsilon_of(when["epsilon"]) - flip) <= 1e-3 * abs(flip)
        assert (when["tense"] == "flipped") == (flipped and abs(flip) <= abs(key.epsilon))


@checked
@given(galleries())
def test_a_tile_of_one_image(made: tuple[Gallery, Tiles, GalleryJob]) -> None:
    _, tiles, key = made
    truth, clean = 3, 4
    for k, epsilon in enumerate(default_grid(key.rule)[: len(tiles)]):
        after = int(tiles.predictions[k])
        tile = _tile_of_one(key.rule, k, epsilon, tiles, clean, truth, NAMES)
        story = f"{NAMES[clean]} → {NAMES[after]}" if after != clean else f"{NAMES[after]}, unchanged"
        said = read(rf"(?P<story>.*), .+, ε = (?P<epsilon>{EPSILON})", tile.name)
        assert said["story"] == (story if epsilon else f"{NAMES[clean]}, clean")
        assert abs(epsilon_of(said["epsilon"]) - epsilon) <= 1e-3 * abs(epsilon)
        assert tile.lines[0] == f"{'✓' if after == truth else '✗'} {NAMES[after]}"
        share = float(tiles.confidence[k])
        assert tile.lines[1] == "no number" if math.isnan(share) else says(tile.lines[1], share)
        assert tile.flipped == (after != clean)


@checked
@given(st.integers(0, 3_000), st.integers(1, 3_000))
def test_how_many_images_are_kept(kept: int, images: int) -> None:
    kept = min(kept, images)
    said = read(rf"\*\*(?:All (?P<all>{COUNT})|(?P<kept>{COUNT}) of (?P<of>{COUNT})) images\*\*", _which(kept, images))
    assert count(said.get("all", "0")) == (images if kept == images else 0)
    assert "all" in said or (count(said["kept"]), count(said["of"])) == (kept, images)


@pytest.mark.parametrize(
    ("key", "number", "told"),
    [
        ("cifar10", 1_000, "the first 1,000 of the sample of test images"),
        ("cifar10", 2_000, "the first 2,000 of the sample of test images"),
        ("photos", 4, "the first 4 of the images"),
        ("photos", 6, "all 6 images"),
    ],
)
def test_of_which_images_the_tiles_are(key: str, number: int, told: str) -> None:
    assert _those(number, image_set(key)) == told


def test_a_single_image_is_the_only_one() -> None:
    alone = image_set_of("alone", np.zeros((1, 3, 8, 8), np.float32), classes=("a", "b"))
    with registered(alone):
        assert _those(1, alone) == "the only image"
