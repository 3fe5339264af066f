"""Explore over the photographs: what nobody knows is not claimed, and whoever took a picture is named."""

from apps import captions, link, notices, open_app

import gradlab
from gradlab.images.registry import image_set


def test_explore_opens_on_a_photograph_with_its_credit() -> None:
    app = open_app(dataset="photos", image="4", epsilon="2/255")
    assert not app.exception
    assert not app.error
    known = image_set("photos")
    assert any(f"**{known.titles[4]}** · image 4 of Photographs" in markdown.value for markdown in app.markdown)
    assert "danielbuechele, Flickr" in captions(app)
    assert "CC BY 2.0" in captions(app)
    assert app.segmented_control(key="labels").options == ["predicted class", "chosen class"], "nobody knows the label"
    assert (link(app)["model"], link(app)["labels"]) == ("efficientnet_lite0", "predicted")
    assert notices(app) == ""
    assert "89.00% of 200 photographs" in captions(app)


def test_the_first_photograph_is_one_that_a_small_step_turns() -> None:
    app = open_app(dataset="photos")
    place = int(link(app)["image"])
    model = gradlab.load_model("efficientnet_lite0", "photos", "cpu")
    seen = gradlab.explore(model, gradlab.load_batch("photos", indices=[place]), "sign", 4 / 255, labels="predicted")
    assert seen.clean.prediction != seen.perturbed.prediction
