"""The pages, run by Streamlit's AppTest: what is chosen, what is shown, and what nonsense in a link does."""

import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from apps import CURVES, ROOT, assets_with, captions, component, link, notices, open_app

import gradlab
from gradlab.experiments.explore import explore
from gradlab.measures import available
from gradlab.networks import ModelCard, read_cards
from gradlab.types import Exploration
from gradlab.ui import cached, words
from gradlab.ui.components.measures import written

each = pytest.mark.parametrize("card", read_cards(), ids=lambda card: f"{card.name}-{card.dataset}")


def test_explore_opens_on_the_defaults_and_writes_them_into_the_link() -> None:
    app = open_app()
    assert not app.error
    assert not app.warning
    shown = link(app)
    assert shown["dataset"] == "cifar10"
    assert shown["model"] == "alexnet"
    assert shown["rule"] == "sign"
    assert shown["labels"] == "true"
    assert "epsilon" not in shown, "nobody has chosen one"


@pytest.mark.parametrize(
    ("rule", "epsilon", "labels"),
    [
        ("sign", "-4/255", "predicted"), ("raw", "0.3", "true"), ("l2", "-0.7", "target:cat"),
        ("max", "64/255", "target:ship"),
    ],
)  # fmt: skip
def test_explore_shows_the_backends_numbers(rule: str, epsilon: str, labels: str) -> None:
    app = open_app(rule=rule, epsilon=epsilon, labels=labels)
    shown = link(app)
    assert (shown["rule"], shown["epsilon"], shown["labels"]) == (rule, epsilon, labels)
    one = gradlab.load_batch("cifar10", indices=[int(shown["image"])], source="sample")
    model = gradlab.load_model("alexnet", "cifar10")
    seen = explore(model, one, rule, gradlab_epsilon(epsilon), labels=labels)
    table = app.table[0].value.set_index("")
    assert table["as computed"]["L2"] == f"{seen.perturbed.measures['l2']:.4g}"
    assert table["as computed"]["SSIM"] == f"{seen.perturbed.measures['ssim']:.4f}"
    assert table["as computed"]["network says"] == one.classes[seen.perturbed.prediction]
    assert table["as saved (8 bit)"]["PSNR"] == written("psnr", seen.rounded.measures["psnr"])


@pytest.mark.parametrize(("rule", "epsilon", "told"), [("sign", "-1.5/255", True), ("sign", "2/255", False),
                                                      ("max", "1.5/255", False)])  # fmt: skip
def test_explore_says_where_the_rounded_image_is_one_of_many(rule: str, epsilon: str, told: bool) -> None:
    app = open_app(rule=rule, epsilon=epsilon)
    assert (words.HALFWAY in captions(app)) == told
    assert (component(app, "gradlab.scrub")["halfway"] is not None) == (rule == "sign")


def gradlab_epsilon(text: str) -> float:
    numerator, _, denominator = text.partition("/")
    return float(numerator) / float(denominator or 1)


@each
def test_every_network_opens_on_explore(card: ModelCard) -> None:
    app = open_app(dataset=card.dataset, model=card.name)
    assert not app.error
    assert not app.warning
    assert (link(app)["dataset"], link(app)["model"]) == (card.dataset, card.name)
    assert len(app.table[0].value) == len(available()) + 3
    for fact in (card.trained_on, card.measured_on, card.note):
        assert fact in captions(app.sidebar)
    shown = component(app, "gradlab.scrub")
    app.segmented_control(key="noise").set_value("signed").run()
    assert ("mean over the colours" in component(app, "gradlab.scrub")["note"]) == (card.channels > 1)
    assert len(shown["shown"]) == 10, "of a hundred classes only the likeliest"
    assert shown["label"] in shown["shown"]
    assert len(shown["classes"]) == card.classes


@each
def test_every_network_opens_on_curves(card: ModelCard) -> None:
    app = open_app(CURVES, dataset=card.dataset, model=card.name, limit="100", rules="sign", view="confusion")
    for view in ("confusion", "classes", "images"):
        app.segmented_control(key="view").set_value(view).run()
        assert [*app.exception, *app.error, *app.warning] == []
        assert link(app)["model"] == card.name
    assert captions(app).count("image ") >= 12


def test_another_data_set_keeps_the_networks_name_where_it_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = assets_with(tmp_path / "assets", cifar10=["alexnet", "zebra"], svhn=["other", "zebra"])
    monkeypatch.setenv("GRADLAB_ASSETS", str(folder))
    app = open_app()
    app.selectbox(key="dataset").set_value("svhn").run()
    assert (link(app)["dataset"], link(app)["model"]) == ("svhn", "other"), "there is no alexnet: the first"
    app.selectbox(key="model").set_value("zebra").run()
    app.selectbox(key="dataset").set_value("cifar10").run()
    assert (link(app)["dataset"], link(app)["model"]) == ("cifar10", "zebra")
    assert [*app.error, *app.warning] == []


def test_an_ssim_that_is_no_number_is_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    real = cached.exploration

    def tiny(*choice: object) -> Exploration:
        seen = real(*choice)
        return replace(seen, rounded=replace(seen.rounded, measures=seen.rounded.measures | {"ssim": math.nan}))

    monkeypatch.setattr(cached, "exploration", tiny)
    table = open_app(epsilon="8/255").table[0].value.set_index("")
    assert table["as saved (8 bit)"]["SSIM"] == "–"
    assert float(table["as computed"]["SSIM"]) < 1


def test_next_previous_and_random_move_through_the_sample() -> None:
    places = gradlab.load_batch("cifar10", limit=2000, source="sample").indices.tolist()
    app = open_app(image=str(places[0]))
    app.button(key="go_Next").click().run()
    assert int(link(app)["image"]) == places[1]
    app.button(key="go_Previous").click().run()
    app.button(key="go_Previous").click().run()
    assert int(link(app)["image"]) == places[-1]
    app.button(key="go_Random").click().run()
    assert int(link(app)["image"]) in places


@pytest.mark.parametrize(
    ("name", "value", "fallback"),
    [
        ("dataset", "mnist", "cifar10"),
        ("model", "../../etc", "alexnet"),
        ("labels", "wrong", "true"),
        ("labels", "target:", "true"),
        ("labels", "target:unicorn", "true"),
        ("rule", "signn", "sign"),
        ("epsilon", "nan", "none"),
        ("epsilon", "1e999", "none"),
        ("image", "-1", None),
        ("image", "99999999", None),
        ("image", "9" * 5000, None),
        ("gain", "3", "16"),
    ],
)
def test_nonsense_in_a_link_falls_back_with_a_notice(name: str, value: str, fallback: str | None) -> None:
    app = open_app(**{name: value})
    first = str(cached.first_places("cifar10", "alexnet")[0])
    assert link(app).get(name, "none") == (fallback or first)
    assert f"link's {name}" in notices(app)
    assert "expected" in notices(app)
    assert app.table, "the rest of the page still works"
    app.run()
    assert not app.warning, "a notice is told once"


def test_choices_survive_a_change_of_page() -> None:
    app = open_app(rule="raw", epsilon="-0.3", labels="predicted")
    app.switch_page(CURVES)
    app.query_params.clear()
    app.query_params["limit"] = "100"
    app.run()
    assert link(app)["rule"] == "raw"
    assert link(app)["epsilon"] == "-0.3"
    assert link(app)["labels"] == "predicted"


def test_broken_weights_are_told_beside_the_model_and_the_rest_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = shutil.copytree(ROOT / "assets", tmp_path / "assets")
    weights = assets / "weights/alexnet-cifar10.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    monkeypatch.setenv("GRADLAB_ASSETS", str(assets))
    st.cache_resource.clear()
    app = open_app(labels="true")
    assert any("expected sha256" in error.value for error in app.sidebar.error)
    app.selectbox(key="model").set_value("alexnet-paper").run()
    assert not app.error
    assert app.table
    st.cache_resource.clear()
