import pytest
import torch
from torch import Generator, Tensor
from torch.nn.functional import pad

from gradlab.training import Recipe
from gradlab.training.augment import augment

MEAN = torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1)
NOTHING = {"flip": False, "crop": 0, "cutout": 0, "noise": 0.0}


def images(count: int = 200, size: int = 8) -> Tensor:
    return torch.rand(count, 3, size, size, generator=Generator().manual_seed(1))


def augmented(before: Tensor, seed: int = 0, **options: float) -> Tensor:
    recipe = Recipe("r", "alexnet", "cifar10", epochs=1, learning_rate=0.1, **(NOTHING | options))
    return augment(before, recipe, MEAN, Generator().manual_seed(seed))


EACH = pytest.mark.parametrize(
    "options",
    [{"flip": True}, {"crop": 2}, {"cutout": 3}, {"noise": 0.1}, {"flip": True, "crop": 2, "cutout": 3, "noise": 0.1}],
)


def test_nothing_is_the_identity() -> None:
    assert torch.equal(augmented(images()), images())


@EACH
def test_the_shape_stays_and_the_images_that_came_are_not_written_to(options: dict[str, float]) -> None:
    before = images()
    after = augmented(before, **options)
    assert after.shape == before.shape
    assert after.dtype == torch.float32
    assert torch.equal(before, images())
    assert not torch.equal(after, before)


@EACH
def test_chance_comes_from_the_generator_alone(options: dict[str, float]) -> None:
    first = augmented(images(), seed=3, **options)
    torch.manual_seed(99)
    assert torch.equal(augmented(images(), seed=3, **options), first)
    assert not torch.equal(augmented(images(), seed=4, **options), first)


def test_half_of_the_images_are_mirrored_and_the_others_left_alone() -> None:
    before = images()
    after = augmented(before, flip=True)
    same, mirrored = ((after == form).flatten(1).all(1) for form in (before, before.flip(3)))
    assert torch.equal(same, ~mirrored)
    assert 70 < mirrored.sum() < 130  # of 200: four standard errors


def test_a_crop_is_a_window_of_the_reflected_border() -> None:
    before = images(400)
    after = augmented(before, crop=2)
    windows = pad(before, [2] * 4, mode="reflect").unfold(2, 8, 1).unfold(3, 8, 1)  # n, c, top, left, row, column
    fits = (windows.permute(0, 2, 3, 1, 4, 5) == after[:, None, None]).flatten(3).all(3)
    assert (fits.sum((1, 2)) == 1).all()
    assert (fits.sum(0) > 0).all()  # each of the 5 x 5 places is drawn


def test_a_cut_out_square_has_the_mean_colour_and_its_size() -> None:
    before = images()
    after = augmented(before, cutout=3)
    changed = (after != before).any(1)
    assert torch.equal(after, torch.where(changed[:, None], MEAN, before))
    assert (changed.sum((1, 2)) == 9).all()
    assert (changed.any(1).sum(1) == 3).all()
    assert (changed.any(2).sum(1) == 3).all()
    assert changed.any(0).all()  # it comes everywhere, the corners included


def test_a_square_may_be_the_whole_image() -> None:
    assert torch.equal(augmented(images(), cutout=8), MEAN.expand(200, 3, 8, 8))


def test_noise_has_its_standard_deviation() -> None:
    noise = augmented(images(), noise=0.1) - images()
    assert noise.std() == pytest.approx(0.1, rel=0.02)
    assert noise.mean() == pytest.approx(0, abs=0.002)
