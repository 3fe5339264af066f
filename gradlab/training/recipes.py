"""How each set of shipped weights was trained: a recipe is data, the loop reads it.

A learning rate that rises linearly for a fifth of the steps and falls linearly to zero ("one-cycle"), SGD with Nesterov
momentum, flips, crops and a cut-out square. Where training is long enough for it, the network that is kept is the
running average of the weights over the last few hundred steps, which is both better and smoother in time than the last
step's.
"""

from dataclasses import dataclass, replace

from gradlab.errors import UnknownNameError
from gradlab.images.registry import known_image_set
from gradlab.networks import ARCHITECTURES


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out, apart from the hardware.

    Attributes:
        name: the weights' name, as in `load_model(name, dataset)`.
        architecture: a key of `gradlab.networks.ARCHITECTURES`.
        dataset: the data set's name.
        epochs: passes over the train split.
        learning_rate: the peak of the schedule.
        batch_size: images a step.
        momentum: of Nesterov's SGD.
        weight_decay: L2, on every parameter.
        label_smoothing: share of the target that is spread over all classes.
        flip: mirror half of the images.
        crop: pixels of reflected border from which a random window is cut.
        cutout: side of the square that is set to the mean colour, in pixels; 0 for none.
        noise: standard deviation of Gaussian noise added to the pixels, in [0, 1] units.
        dropout: share of the inputs of the hidden layers that is dropped.
        images: how many images, the first of the train split, are trained on; None: all of them.
        averaging: decay a step of the running average of the weights; 0 keeps the last step's.
        stop_at: accuracy on the test split at which training ends, for a network of a given accuracy; None: never.
        seed: of initialisation, order, augmentation and dropout.
    """

    name: str
    architecture: str
    dataset: str
    epochs: int
    learning_rate: float
    batch_size: int = 128
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.0
    flip: bool = True
    crop: int = 4
    cutout: int = 0
    noise: float = 0.0
    dropout: float = 0.5
    images: int | None = None
    averaging: float = 0.998
    stop_at: float | None = None
    seed: int = 0


RECIPES: dict[tuple[str, str], Recipe] = {
    (recipe.name, recipe.dataset): recipe
    for recipe in (
        Recipe("alexnet", "alexnet", "cifar10", epochs=60, learning_rate=0.05, cutout=8, dropout=0.3),
        # Half of the images, a high and still rising learning rate, no averaging, dropout or augmentation: a network
        # caught while it is sharp and restless, which a step along the gradient hurts and helps most.
        Recipe(
            "alexnet-paper", "alexnet", "cifar10", epochs=60, learning_rate=0.02, weight_decay=0.0, flip=False, crop=0,
            dropout=0.0, images=25_000, averaging=0.0, stop_at=0.6354,
        ),
        Recipe("alexnet", "alexnet", "cifar100", epochs=30, learning_rate=0.05, cutout=8, dropout=0.3),
        Recipe("alexnet", "alexnet", "fashion_mnist", epochs=30, learning_rate=0.05, crop=2, cutout=8, dropout=0.3),
        # A mirrored digit is another digit or none. Eight thousand images need many passes.
        Recipe("alexnet", "alexnet", "svhn", epochs=80, learning_rate=0.05, flip=False, crop=2, cutout=8, dropout=0.3),
        # Batch norm bears larger steps, and a network without hidden layers has no dropout. So few epochs end before a
        # running average has caught up (at the end of 14 it is 1.5 points behind the network itself).
        Recipe(
            "resnet9", "resnet9", "cifar10", epochs=14, learning_rate=0.2, batch_size=256, cutout=8, dropout=0.0,
            averaging=0.0,
        ),
        Recipe(
            "resnet9", "resnet9", "cifar100", epochs=18, learning_rate=0.2, batch_size=256, cutout=8, dropout=0.0,
            averaging=0.0,
        ),
        Recipe(
            "resnet9", "resnet9", "fashion_mnist", epochs=9, learning_rate=0.2, batch_size=256, crop=2, cutout=8,
            dropout=0.0, averaging=0.0,
        ),
        Recipe(
            "resnet9", "resnet9", "svhn", epochs=40, learning_rate=0.1, flip=False, crop=2, cutout=8, dropout=0.0,
        ),
    )
}  # fmt: skip


def find_recipe(name: str, dataset: str) -> Recipe:
    """The recipe of the weights `name` for `dataset`.

    Without one of its own, an architecture is trained as `alexnet` is on these images; on images for which there is no
    recipe either, as on `cifar10`.

    Raises:
        UnknownNameError: for a name that is neither a recipe's nor an architecture's, or an unknown data set.
    """
    if (name, dataset) in RECIPES:
        return RECIPES[name, dataset]
    if name not in ARCHITECTURES or known_image_set(dataset) is None:
        raise UnknownNameError("recipe", f"{name} for {dataset}", [f"{n} for {d}" for n, d in RECIPES])
    usual = RECIPES.get(("alexnet", dataset), RECIPES["alexnet", "cifar10"])
    return replace(usual, name=name, architecture=name, dataset=dataset)
