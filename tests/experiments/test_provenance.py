"""Results of every kind say of which images and which network they are, and where they were computed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from helpers import random_batch, tiny_cnn
from toys import toys

import gradlab
from gradlab.types import Batch, LabelSource, Provenance, Rule

SHA256 = "5f" * 32


@pytest.fixture(scope="module")
def subject() -> Iterator[tuple[torch.nn.Module, Batch]]:
    """A guest's network, and images that were read from files."""
    with toys():
        yield gradlab.load_model("tiny", "toy", "cpu"), replace(gradlab.load_batch("toy", limit=None), sha256=SHA256)


def test_all_results_say_the_same(subject: tuple[torch.nn.Module, Batch]) -> None:
    model, batch = subject
    swept = Provenance.of(gradlab.sweep(model, batch, ["sign"], [0.1], seed=4, labels="target:red"))
    assert swept == Provenance(
        "toy", "test", "memory", SHA256, "tiny", model.card.sha256, LabelSource.parse("target:red"), 4, swept.device,
        swept.software,
    )  # fmt: skip
    assert swept.device.startswith("CPU (")
    assert f"torch {torch.__version__}" in swept.software
    how = {"labels": "target:red", "seed": 4}
    assert gradlab.gallery(model, batch, "sign", 0.1, **how).provenance == swept
    one, of_one = batch.part([5]), replace(swept, index=5)
    assert gradlab.explore(model, one, "sign", 0.1, **how).provenance == of_one
    assert gradlab.loss_line(model, one, "sign", 0.1, points=3, **how).provenance == of_one
    planes = list(gradlab.stream_loss_plane(model, one, "sign", 0.1, cells=5, **how))
    assert {plane.provenance for plane in planes} == {of_one}


def test_a_part_of_a_gallery_keeps_it(subject: tuple[torch.nn.Module, Batch]) -> None:
    found = gradlab.gallery(*subject, Rule.SIGN, 0.1)
    assert found.at(gradlab.chosen(found)[:2]).provenance == found.provenance


def test_a_network_that_gradlab_did_not_load_has_its_type_for_a_name() -> None:
    origin = gradlab.explore(tiny_cnn(), random_batch(1), "sign", 0.1).provenance
    assert origin is not None
    assert (origin.model, origin.weights_sha256, origin.images_sha256) == ("Sequential", "", "")
    assert (origin.dataset, origin.source, origin.index) == ("zoo", "sample", 100)
