import pytest

from gradlab.errors import UnknownNameError
from gradlab.images.table import DATASETS, dataset_spec


def test_the_four_data_sets_and_their_official_sizes() -> None:
    sizes = {name: (spec.sizes["train"], spec.sizes["test"]) for name, spec in DATASETS.items()}
    assert sizes == {
        "cifar10": (50_000, 10_000),
        "cifar100": (50_000, 10_000),
        "fashion_mnist": (60_000, 10_000),
        "svhn": (73_257, 26_032),
    }


@pytest.mark.parametrize("name", DATASETS)
def test_a_row_is_complete(name: str) -> None:
    spec = dataset_spec(name)
    assert spec.name == name
    assert spec.shape == ((1, 28, 28) if name == "fashion_mnist" else (3, 32, 32))
    assert len(set(spec.classes)) == len(spec.classes) == (100 if name == "cifar100" else 10)
    assert spec.licence
    assert spec.citation
    assert spec.url.startswith("http")
    hash(spec)


@pytest.mark.parametrize("name", DATASETS)
def test_torchvision_agrees_with_the_row(name: str) -> None:
    torchvision = pytest.importorskip("torchvision")
    spec = dataset_spec(name)
    theirs = getattr(torchvision.datasets, spec.torchvision_class)
    urls = getattr(theirs, "mirrors", None) or [theirs.split_list["test"][0] if name == "svhn" else theirs.url]
    assert all(f"//{spec.download_host}/" in url for url in urls)
    if name == "fashion_mnist":
        assert spec.classes == tuple(theirs.classes)


def test_an_unknown_name_gets_the_known_ones() -> None:
    with pytest.raises(
        UnknownNameError, match=r"unknown data set 'cifar11' \(did you mean cifar10\?\): expected one of"
    ):
        dataset_spec("cifar11")
