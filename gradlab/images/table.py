"""The table of data sets: what each is called, measures and allows. Facts only; nothing here touches a disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gradlab.errors import UnknownNameError

SPLITS = ("train", "test")


@dataclass(frozen=True)
class SplitFacts:
    """What figures about a test split have to say.

    Attributes:
        neighbours: whether neighbours in the split are often of one photograph.
        uneven: whether the classes are not equally frequent.
        cut: how many images the test split has that the rest is about; 0 where it is about none.
        shared: places in that split whose image is of the same photograph as a train image.
        counts: images of each class in that split, without these.
    """

    neighbours: bool = False
    uneven: bool = False
    cut: int = 0
    shared: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()


NO_FACTS = SplitFacts()


@dataclass(frozen=True)
class DatasetSpec:
    """What is known about a data set before a single image of it is read.

    Attributes:
        name: the name in URLs, paths and on the command line.
        title: the name as its authors write it.
        shape: one image's, (C, H, W); C is 3 for colour, 1 for grey.
        classes: the class names; a label is an index into them.
        sizes: images of each official split.
        licence: what its authors allow, in our words.
        citation: whom to cite.
        url: the data set's home page.
        torchvision_class: the class of `torchvision.datasets` that downloads and reads it.
        torchvision_path: what that class keeps in its root folder, relative to that folder.
        download_host: where that class downloads from.
        facts: what figures about its test split have to say.
    """

    name: str
    title: str
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    sizes: Mapping[str, int] = field(hash=False)
    licence: str
    citation: str
    url: str
    torchvision_class: str
    torchvision_path: str
    download_host: str
    facts: SplitFacts = NO_FACTS


_CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

_CIFAR100_CLASSES = tuple(
    """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
    castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin
    elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard
    lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear
    pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal
    shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank
    telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
    """.split()
)

_FASHION_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip

_CIFAR10 = DatasetSpec(
    name="cifar10",
    title="CIFAR-10",
    shape=(3, 32, 32),
    classes=_CIFAR10_CLASSES,
    sizes={"train": 50_000, "test": 10_000},
    licence="no formal licence; cite Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
    citation="Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images, University of Toronto",
    url="https://www.cs.toronto.edu/~kriz/cifar.html",
    torchvision_class="CIFAR10",
    torchvision_path="cifar-10-batches-py",
    download_host="www.cs.toronto.edu",
)

_SPECS = (
    _CIFAR10,
    replace(
        _CIFAR10,
        name="cifar100",
        title="CIFAR-100",
        classes=_CIFAR100_CLASSES,
        licence="no formal licence; cite Krizhevsky 2009",
        torchvision_class="CIFAR100",
        torchvision_path="cifar-100-python",
    ),
    DatasetSpec(
        name="fashion_mnist",
        title="Fashion-MNIST",
        shape=(1, 28, 28),
        classes=_FASHION_CLASSES,
        sizes={"train": 60_000, "test": 10_000},
        licence="MIT; copyright 2017 Zalando SE, https://tech.zalando.com",
        citation="Xiao, Rasul and Vollgraf 2017, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine "
        "Learning Algorithms, arXiv:1708.07747",
        url="https://github.com/zalandoresearch/fashion-mnist",
        torchvision_class="FashionMNIST",
        torchvision_path="FashionMNIST/raw",
        download_host="fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    ),
    DatasetSpec(
        name="svhn",
        title="SVHN",
        shape=(3, 32, 32),
        classes=tuple("0123456789"),
        sizes={"train": 73_257, "test": 26_032},
        licence="non-commercial use, Netzer et al. 2011",
        citation="Netzer, Wang, Coates, Bissacco, Wu and Ng 2011, Reading Digits in Natural Images with Unsupervised "
        "Feature Learning, NIPS Workshop on Deep Learning and Unsupervised Feature Learning",
        url="http://ufldl.stanford.edu/housenumbers/",
        torchvision_class="SVHN",
        torchvision_path="test_32x32.mat",
        download_host="ufldl.stanford.edu",
        # Neighbours are the digits of one house number. The splits here are official test images 0 to 7999 to train on
        # and 8000 to 9999 to test on, and the cut goes through a house number: the first test image shows the same
        # plate as the last train image.
        facts=SplitFacts(
            neighbours=True,
            uneven=True,
            cut=2_000,
            shared=(0,),
            counts=(140, 432, 312, 215, 169, 177, 157, 162, 118, 117),
        ),
    ),
)

DATASETS: dict[str, DatasetSpec] = {spec.name: spec for spec in _SPECS}


def dataset_spec(name: str) -> DatasetSpec:
    """Look a data set up.

    Args:
        name: `cifar10`, `cifar100`, `fashion_mnist` or `svhn`.

    Returns:
        Its row of the table.

    Raises:
        UnknownNameError: if the table has no such name.
    """
    if name not in DATASETS:
        raise UnknownNameError("data set", name, DATASETS)
    return DATASETS[name]


def check_split(split: str) -> str:
    """Let `train` and `test` through.

    Returns:
        `split`, unchanged.

    Raises:
        UnknownNameError: for any other name.
    """
    if split not in SPLITS:
        raise UnknownNameError("split", split, SPLITS)
    return split
