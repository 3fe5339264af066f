import hashlib

import pytest
import torch
from toys import toy_images, toy_module, toy_network, toys

import gradlab
from gradlab.errors import BadValueError, UnknownNameError
from gradlab.images.registry import registered as registered_images
from gradlab.networks import efficientnet, find_card, known_cards, read_cards
from gradlab.networks.registry import network, register, registered
from gradlab.types import LabelSource, Rule

ALWAYS = [*read_cards(), efficientnet.CARD]


def test_the_shipped_networks_are_always_there() -> None:
    assert known_cards() == ALWAYS
    assert [card.name for card in known_cards("cifar10")] == ["alexnet", "alexnet-paper", "resnet9"]
    assert network("alexnet", "cifar10").card == find_card("alexnet", "cifar10")
    with pytest.raises(UnknownNameError, match="^unknown data set with weights 'toy': expected one of cifar10, "):
        network("tiny", "toy")


def test_what_is_brought_is_loaded_by_its_key() -> None:
    with registered(toy_network()) as tiny:
        assert network("tiny", "toy") is tiny
        assert known_cards("toy") == [tiny.card]
        assert (tiny.card.clean_accuracy, tiny.card.measured_on, tiny.card.note) == (None, "", "A toy.")
        model = gradlab.load_model("tiny", "toy", "cpu")
        assert model.card is tiny.card
        assert not model.training
        assert not any(parameter.requires_grad for parameter in model.parameters())
        images = torch.rand(2, 3, 20, 20)
        assert torch.equal(model(images), toy_module()(images))
        with pytest.raises(UnknownNameError, match="unknown model for toy 'alexnet': expected one of tiny"):
            gradlab.load_model("alexnet", "toy")
    assert known_cards() == ALWAYS


def test_a_module_stays_as_it_came_and_its_weights_have_a_checksum() -> None:
    module = toy_module().train()
    before = toy_network().card.sha256
    with registered(toy_network()):
        gradlab.load_model("tiny", "toy", "cpu").requires_grad_(True)
    assert module.training
    assert len(before) == hashlib.sha256().digest_size * 2
    assert toy_network().card.sha256 == before, "of equal weights it is equal"


@pytest.mark.parametrize(("name", "dataset"), [("alexnet", "cifar10"), ("a/b", "toy"), ("", "toy")])
def test_a_name_is_its_own_and_fits_into_a_link(name: str, dataset: str) -> None:
    with pytest.raises(BadValueError, match="expected a name"):
        register(toy_network(dataset, name))
    assert known_cards() == ALWAYS


def test_a_name_may_be_that_of_a_network_of_another_image_set() -> None:
    with registered(toy_network("toy", "alexnet")):
        assert find_card("alexnet", "toy").size == 20
        assert find_card("alexnet", "cifar10").size == 32
        with pytest.raises(BadValueError, match=r"\('alexnet', 'toy'\), which is taken"):
            register(toy_network("toy", "alexnet"))


def test_everything_is_computed_of_them_as_of_what_is_shipped() -> None:
    with toys():
        model, batch = gradlab.load_model("tiny", "toy", "cpu"), gradlab.load_batch("toy", limit=None)
        result = gradlab.sweep(model, batch, eight_bit=True, ssim=True)
        assert (result.dataset, result.model, result.classes) == ("toy", "tiny", batch.classes)
        assert result.weights_sha256 == find_card("tiny", "toy").sha256
        assert result.clean_accuracy == 1.0
        assert result.correct(result.curve(Rule.SIGN))[-1] < 12
        assert not result.notices
        one = gradlab.load_batch("toy", indices=[4])
        assert gradlab.explore(model, one, "sign", 8 / 255).label == 1
        assert len(gradlab.gallery(model, batch, "sign", 8 / 255)) == 12
        assert gradlab.transfer({"a": model, "b": model}, batch, "sign", 8 / 255).correct.shape == (2, 2)


def test_without_labels_nothing_is_told_the_answer_and_kept_classes_are_counted() -> None:
    with registered_images(toy_images(labelled=False)), registered(toy_network()):
        model, batch = gradlab.load_model("tiny", "toy", "cpu"), gradlab.load_batch("toy", limit=None)
        for ask in (
            lambda labels: gradlab.sweep(model, batch, labels=labels),
            lambda labels: gradlab.explore(model, gradlab.load_batch("toy", indices=[0]), "sign", 0.1, labels=labels),
            lambda labels: gradlab.gallery(model, batch, "sign", 0.1, labels=labels),
            lambda labels: gradlab.loss_line(model, gradlab.load_batch("toy", indices=[0]), "sign", 0.1, labels=labels),
        ):
            with pytest.raises(BadValueError, match="^expected known labels for the label source true, got "):
                ask(LabelSource.TRUE)
            ask("predicted")
            ask("target:blue")
        result = gradlab.sweep(model, batch, labels="predicted", eight_bit=True)
        assert (result.labels == result.clean_predictions).all()
        assert "Nobody knows the labels of these images" in result.notices[0]
        assert not result.labelled
        told = gradlab.sweep(model, gradlab.Batch(**vars(batch) | {"labels": torch.from_numpy(result.labels)}),
                             labels="predicted", eight_bit=True)  # fmt: skip
        for mine, theirs in zip(result.curves, told.curves, strict=True):
            assert (mine.predictions == theirs.predictions).all()
            assert (mine.probability == theirs.probability).all(), "of the class that each image seems to have"
        assert (
            gradlab.explore(model, gradlab.load_batch("toy", indices=[0]), "sign", 0.1, labels="predicted").label == -1
        )
        twice = gradlab.transfer({"a": model, "b": model}, batch, "sign", 8 / 255, labels="predicted")
        assert not twice.labelled
        assert twice.clean_correct.tolist() == [12, 12], "each keeps what it says itself"
        curve = result.curve(gradlab.Rule.SIGN)
        kept = int(result.correct(curve)[curve.epsilons.tolist().index(8 / 255)])
        assert twice.correct.tolist() == [[kept, kept], [kept, kept]]
