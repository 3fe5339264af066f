"""Every page but Explore over the photographs: 224 × 224, 1,000 classes, six images that nobody has labelled."""

from typing import Any

import numpy as np
import pytest
from apps import captions, charts, component, link, notices, open_alone, said, send
from streamlit.testing.v1 import AppTest

import gradlab
from gradlab.experiments.landscape import FEWER
from gradlab.images.registry import image_set
from gradlab.report import sweep_to_csv, sweep_to_dict, sweep_to_html
from gradlab.types import PHOTOGRAPH, Rule
from gradlab.ui import cached, words

PAGE = "gradlab/ui/pages/{}.py"
PHOTOS = {"dataset": "photos", "model": "efficientnet_lite0"}
KEPT = "share that keeps its class"
# What would claim that somebody knows what the photographs show.
CLAIMED = ("accuracy", "✓", "✗", "true class", "true:", "classified correctly", "right before", "class-balanced")


def opened(page: str, **choices: str) -> AppTest:
    app = open_alone(PAGE.format(page), **PHOTOS, **choices)
    quiet(app)
    return app


def quiet(app: AppTest) -> None:
    assert not app.exception
    assert not app.error, [error.value for error in app.error]


def told(app: AppTest) -> str:
    """All that stands in the page itself, whoever has drawn it, but for the sidebar and what explains a word."""
    tables = [str(table.value.to_dict()) for table in app.main.table]
    written = [one.value for kind in ("markdown", "caption", "warning", "info") for one in app.main.get(kind)]
    axes = [str(chart["layout"]) for chart in charts(app)]
    hovers = [trace.get("hovertemplate", "") for chart in charts(app) for trace in chart["data"]]
    return "\n".join([*written, *tables, *axes, *hovers])


def claims_nothing(app: AppTest) -> None:
    text = told(app)
    assert not [word for word in CLAIMED if word in text], text


def tiles(app: AppTest) -> dict[str, Any]:
    return component(app, "gradlab.tiles")


# ---- Gallery


def test_gallery_shows_them_at_their_own_size_and_says_what_flips() -> None:
    app = opened("gallery", rule="sign", epsilon="8/255")
    claims_nothing(app)
    drawn = tiles(app)
    assert drawn["size"] == [224, 224]
    (group,) = drawn["groups"]
    assert len(group["tiles"]) == 6
    assert any("Chelsea the cat" in tile["name"] for tile in group["tiles"])
    assert sum(tile["flipped"] for tile in group["tiles"]) == 5
    assert "of 6 images have changed their class" in "\n".join(said(app))
    assert app.selectbox(key="show").options == ["all", words.SHOWS["flipped"], words.SHOWS["kept"]]
    assert words.ORDERS["class"] not in app.selectbox(key="order").options
    app.selectbox(key="show").set_value("kept").run()
    quiet(app)
    assert len(tiles(app)["groups"][0]["tiles"]) == 1


def test_a_link_that_filters_by_what_nobody_knows_is_told_so() -> None:
    app = opened("gallery", show="lost", order="class")
    assert "“right before, wrong after” means nothing here" in notices(app)
    assert "“true class” means nothing here" in notices(app)
    assert (link(app)["show"], link(app)["order"]) == ("all", "place")


def test_one_photograph_under_every_step_is_drawn_at_half_its_size() -> None:
    app = opened("gallery", gallery="one", image="0", rows="sign,raw")
    claims_nothing(app)
    drawn = tiles(app)
    assert drawn["size"] == [112, 112]
    assert max(drawn["size"]) <= PHOTOGRAPH
    assert [len(group["tiles"]) for group in drawn["groups"]] == [27, 27]
    assert "The pictures are smaller than the image itself" in captions(app)
    assert "danielbuechele" not in captions(app), "the credit of this one alone"
    assert "Stefan van der Walt" in captions(app)
    send(app, "gradlab.tiles", picked="sign:0")
    assert link(app)["image"] == "0"


# ---- Curves


def test_curves_count_how_many_keep_their_class() -> None:
    app = opened("curves", rules="sign,raw", rule="sign", epsilon="8/255")
    claims_nothing(app)
    assert f"the {KEPT} falls from 100.0% to 16.7%" in said(app)[0]
    assert charts(app)[0]["layout"]["yaxis"]["title"]["text"] == KEPT
    assert "6 images of Photographs: all of them" in captions(app)
    assert "1 of 6 keep their class" in captions(app)
    assert "Nobody knows the labels of these images" in notices(app)
    assert any(one.value == "Images: 6" for one in app.markdown), "no choice among one"


@pytest.mark.parametrize("view", ["classes", "confusion", "flips", "rules", "measures"])
def test_each_view_of_a_point_draws_the_classes_that_occur(view: str) -> None:
    app = opened("curves", rules="sign,raw", rule="sign", epsilon="8/255", view=view)
    claims_nothing(app)
    for chart in charts(app):
        for trace in chart["data"]:
            if trace["type"] in ("heatmap", "bar"):
                assert len(trace["y"]) <= 12, "of six images before and after, not of 1,000 classes"
    if view == "classes":
        assert "6 of 1,000 classes have any, 1 a class" in captions(app)
        assert len(app.multiselect(key="classes").options) == 6
    if view == "confusion":
        assert "Of 1,000 classes you see those that the network names" in captions(app)


def test_files_of_a_sweep_say_what_was_counted() -> None:
    model, batch = gradlab.load_model("efficientnet_lite0", "photos", "cpu"), gradlab.load_batch("photos", limit=None)
    result = gradlab.sweep(model, batch, ("sign",), (0.0, 8 / 255), labels="predicted", eight_bit=True)
    header, first, last = sweep_to_csv(result).splitlines()
    assert "accuracy" not in header
    assert "keeps_class" in header
    assert dict(zip(header.split(","), first.split(","), strict=True))["kept"] == "6"
    assert dict(zip(header.split(","), last.split(","), strict=True))["rounded_kept"] == "1"
    content = sweep_to_dict(result)
    assert (content["labelled"], content["clean_accuracy"]) == (False, None)
    page = sweep_to_html(result, "").lower()
    assert KEPT in page
    assert "accuracy" not in page.split("as a python script")[0]
    assert "whose labels nobody knows" in page


def test_a_photographs_sweep_asks_for_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    model = gradlab.load_model("efficientnet_lite0", "photos", "cpu")
    sizes = list[int]()
    handle = model.register_forward_pre_hook(lambda module, given: sizes.append(len(given[0])))
    twice = gradlab.load_batch("photos", limit=None).part([0, 1, 2, 3, 4, 5] * 3)
    try:
        gradlab.sweep(model, twice, ("sign",), (4 / 255, 8 / 255), labels="predicted", precision="float32")
    finally:
        handle.remove()
    assert max(sizes) == 8, sizes


# ---- Landscape


def test_a_landscape_of_a_photograph_is_coarser() -> None:
    app = opened("landscape", image="1", rule="sign")
    claims_nothing(app)
    assert f"at {FEWER[0]} values of ε" in captions(app)
    assert f"{FEWER[1]} × {FEWER[1]} cells" in captions(app)
    (plane,) = (trace for trace in charts(app)[1]["data"] if trace["type"] == "heatmap")
    assert np.shape(plane["text"]) == (FEWER[1], FEWER[1])


# ---- Compare


def test_two_kinds_of_noise_on_photographs() -> None:
    app = opened("compare", compare="rules", image="1", versus="raw")
    claims_nothing(app)
    assert f"{KEPT}" in str(charts(app)[0]["layout"]["yaxis"])
    assert "keeps the class of" in said(app)[0]


def test_a_single_network_says_so_wherever_two_are_wanted() -> None:
    assert "only network of this data set" in opened("compare", compare="models").info[0].value
    app = opened("compare", compare="transfer", rule="sign", epsilon="8/255")
    claims_nothing(app)
    assert "only network of this data set" in app.info[0].value
    assert "16.7% of 6 images stay in their class on the network that it was made on" in said(app)[0]


# ---- See it? and Paper


def test_a_test_of_seeing_shows_photographs_at_their_own_size() -> None:
    app = opened("see", rules="sign", trials="10")
    assert app.segmented_control(key="width").options == ["224", "448"]
    assert link(app)["width"] == "224"
    app.button(key="start").click().run()
    quiet(app)
    trial = component(app, "gradlab.blind")
    assert (trial["size"], trial["width"], trial["channels"]) == ([224, 224], 224, 3)
    assert all(len(frame) == len(trial["frames"][0]) for frame in trial["frames"])


def test_a_question_is_right_to_the_last_bit() -> None:
    model, batch = gradlab.load_model("efficientnet_lite0", "photos", "cpu"), gradlab.load_batch("photos", limit=None)
    from gradlab.networks import find_card
    from gradlab.seeing.blind import Wish, ask, draw_protocol, prepare

    card = find_card("efficientnet_lite0", "photos")
    wish = Wish(rules=(Rule.SIGN,), labels=gradlab.LabelSource.PREDICTED, trials=10, width=224)
    protocol = draw_protocol(model, card, batch, wish)
    assert sorted(protocol.places) == list(range(6)), "six photographs suffice"
    question = ask(prepare(protocol, model, card, batch), 3, [])
    assert question is not None
    clean = (batch.images[question.place] * 255).round().byte().permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(question.frames[1 - question.right], clean)
    moved = gradlab.perturb(
        model, batch.images[[question.place]], None, epsilon=question.epsilon, rule="sign"
    )  # fmt: skip
    seen = (moved[0] * 255).round().byte().permute(1, 2, 0).numpy()
    apart = np.abs(question.frames[question.right].astype(int) - seen)
    assert (apart != 0).mean() < 1e-3, "a gradient of one image and of six differ in the last bit of float32"


def test_paper_stays_about_the_papers_networks() -> None:
    app = opened("paper")
    assert notices(app) == ""
    assert "Nobody knows the labels of Photographs" in app.info[0].value
    assert not any("efficientnet" in str(table.value.to_dict()) for table in app.main.table)


def test_the_sample_is_counted_as_it_is() -> None:
    assert cached.images_at_hand("photos") == len(image_set("photos").titles)
