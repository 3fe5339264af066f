"""The page Gallery: its tiles are the backend's images, in the order and the selection that was asked for."""

import base64
import csv
import io
import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import streamlit as st
from apps import captions, charts, link, notices, numbers, open_app
from PIL import Image
from streamlit.testing.v1 import AppTest

import gradlab
from gradlab.experiments.gallery import walk
from gradlab.experiments.pool import stream_flips, stream_pool, stream_tiles
from gradlab.experiments.stored import load_baseline
from gradlab.networks import find_card
from gradlab.steps.epsilon import default_grid
from gradlab.types import Batch, Gallery, LabelSource, Provenance, Rule, SweepResult, Tiles
from gradlab.ui import cached, state
from gradlab.ui.jobs.gallery import GalleryJob, Images
from gradlab.ui.jobs.job import finished
from gradlab.ui.state import Progress, session

GALLERY = "gradlab/ui/pages/gallery.py"
# A network whose classes are not measured beforehand for these labels: they are computed, for few images.
COMPUTED = {"model": "alexnet", "labels": "target:cat", "rule": "l2", "epsilon": "0.3"}


@pytest.fixture(scope="module")
def sample() -> Batch:
    return gradlab.load_batch("cifar10", limit=2000, source="sample")


@pytest.fixture(scope="module")
def baseline() -> SweepResult:
    return load_baseline("alexnet", "cifar10")


@pytest.fixture
def anew() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


# By what was measured beforehand: all; all but how sure the network is; the flips alone; nothing.
@pytest.mark.parametrize(
    ("chosen", "columns"),
    [
        ({"epsilon": "4/255"}, ["after"]),
        ({"epsilon": "4/255", "order": "before"}, ["after", "sure_before", "sure_after"]),
        ({"epsilon": "4.1/255"}, []),
        ({"epsilon": "4.1/255", "show": "flipped"}, ["after", "sure_before", "sure_after"]),
        (COMPUTED, ["after", "sure_before", "sure_after"]),
    ],
)
def test_the_csv_has_a_column_for_what_is_known_and_no_other(
    chosen: dict[str, str], columns: list[str], anew: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of one image under many steps offers no table."""
    made: list[Any] = []
    monkeypatch.setattr("gradlab.ui.gallery.many.chart", lambda *_, data, **__: made.append(data))
    open_app(GALLERY, **{"model": "alexnet", "pool": "100"} | chosen)
    table = list(csv.DictReader(io.StringIO(made[-1]())))
    assert len(table) == 100
    assert [name for name in table[0] if name == "after" or name.startswith("sure_")] == columns
    assert [name for name in table[0] if not any(row[name] for row in table)] == []


def component(app: AppTest) -> dict[str, Any]:
    """What the tiles were given."""
    (found,) = [one.proto for one in app.get("bidi_component") if one.proto.component_name == "gradlab.tiles"]
    data: dict[str, Any] = json.loads(found.json)
    return data


def tiles(app: AppTest) -> list[dict[str, Any]]:
    return [tile for group in component(app)["groups"] for tile in group["tiles"]]


def places(app: AppTest) -> list[int]:
    return [int(tile["id"]) for tile in tiles(app)]


def pictures(app: AppTest) -> list[np.ndarray]:
    """The tiles' pictures, cut out of their sheet."""
    data = component(app)
    sheet = np.asarray(Image.open(BytesIO(base64.b64decode(data["sheet"].partition(",")[2]))))
    across = data["across"]
    size = sheet.shape[1] // across
    count = len(tiles(app))
    return [
        sheet[n // across * size : n // across * size + size, n % across * size : n % across * size + size]
        for n in range(count)
    ]


def wanted(sample: Batch, **options: Any) -> Tiles:
    """The first 100 of the sample after the step of COMPUTED."""
    model = gradlab.load_model("alexnet", "cifar10")
    batch = Batch(sample.images[:100], sample.labels[:100], sample.indices[:100], sample.classes, "cifar10", "test", "")
    *_, pool = stream_pool(model, batch, labels="target:cat")
    *_, found = stream_tiles(model, pool, "l2", 0.3)
    return found


def names_of(before: int, after: int, classes: tuple[str, ...]) -> str:
    return f"{classes[before]} → {classes[after]}" if before != after else f"{classes[after]}, unchanged"


# Many images


def test_a_fresh_visit_shows_a_hundred_of_all_images_of_the_sample(baseline: SweepResult, sample: Batch) -> None:
    app = open_app(GALLERY, model="alexnet")
    assert [*app.error, *app.warning] == []
    shown = {name: link(app)[name] for name in ("gallery", "show", "order", "pool", "sheet", "epsilon")}
    assert shown == {
        "gallery": "many", "show": "all", "order": "place", "pool": "2000", "sheet": "1", "epsilon": "8/255",
    }  # fmt: skip
    assert places(app) == sorted(sample.indices.tolist())[:100]
    column = {int(place): n for n, place in enumerate(baseline.indices)}
    sign = baseline.curve(Rule.SIGN)
    k = int(np.flatnonzero(sign.epsilons == 8 / 255)[0])
    for tile in tiles(app):
        n = column[int(tile["id"])]
        before, after = int(baseline.clean_predictions[n]), int(sign.predictions[k, n])
        assert tile["name"].startswith(names_of(before, after, baseline.classes) + f", test image {tile['id']}, ")
        assert tile["flipped"] == (before != after)
        assert (tile["lines"][0][0] == "✓") == (after == baseline.labels[n])
    assert "gradlab measured the classes beforehand" in captions(app)
    assert "You see the first 2,000 of the sample of test images of CIFAR-10" in captions(app)
    assert "leads away from the **true** class" in captions(app)
    assert "pixel units, n/255" in captions(app)
    assert sum(numbers(charts(app)[0]["data"][0]["y"])) == 2000


def test_the_pictures_are_the_backends(sample: Batch) -> None:
    app = open_app(GALLERY, **COMPUTED)
    assert [*app.error, *app.warning] == []
    assert link(app)["pool"] == "100"
    found, classes = wanted(sample), sample.classes
    row = {int(place): n for n, place in enumerate(sample.indices[:100])}
    for tile, picture in zip(tiles(app), pictures(app), strict=True):
        n = row[int(tile["id"])]
        assert np.abs(picture.transpose(2, 0, 1).astype(int) - found.images[n]).max() <= 1
        assert tile["lines"][0] in {f"{mark} {classes[found.predictions[n]]}" for mark in "✓✗"}
        assert tile["lines"][1].startswith(f"{found.confidence[n]:.0%}")
    assert "computed the classes now" in captions(app)
    assert "leads away from **cat**, the chosen class" in captions(app)


def test_between_two_epsilons_of_the_baseline_only_what_is_shown_is_computed(sample: Batch) -> None:
    app = open_app(GALLERY, model="alexnet", epsilon="7/255", order="flip")
    assert link(app)["pool"] == "2000"
    assert "gradlab measured the classes before the step, and the flips, beforehand" in captions(app)
    model = gradlab.load_model("alexnet", "cifar10")
    row = {int(place): n for n, place in enumerate(sample.indices)}
    rows = [row[place] for place in places(app)]
    batch = Batch(
        sample.images[rows], sample.labels[rows], sample.indices[rows], sample.classes, "cifar10", "test", ""
    )  # fmt: skip
    *_, pool = stream_pool(model, batch)
    *_, found = stream_tiles(model, pool, "sign", 7 / 255)
    assert [tile["lines"][0][2:] for tile in tiles(app)] == [sample.classes[n] for n in found.predictions]
    app.selectbox(key="show").set_value("flipped").run()
    assert link(app)["pool"] == "100", "now it is needed of every image"
    flips = [tile["name"].partition(" at +")[2].partition("/")[0] for tile in tiles(app)]
    for tile, flip in zip(tiles(app), flips, strict=True):
        assert tile["flipped"]
        assert not flip or ("flipped at" in tile["name"]) == (float(flip) <= 7)


def test_flips_that_nobody_has_measured_are_found(sample: Batch) -> None:
    app = open_app(GALLERY, **COMPUTED | {"epsilon": "-0.3"}, order="flip")
    model = gradlab.load_model("alexnet", "cifar10")
    batch = Batch(sample.images[:100], sample.labels[:100], sample.indices[:100], sample.classes, "cifar10", "test", "")
    *_, pool = stream_pool(model, batch, labels="target:cat")
    *_, flips = stream_flips(model, pool, "l2", -1)
    order = np.lexsort((sample.indices[:100].numpy(), np.abs(flips.epsilons)))
    assert places(app) == sample.indices[:100].numpy()[order].tolist()
    bars = charts(app)[0]["data"][0]
    outward = [e for e in default_grid(Rule.L2)[::-1] if e < 0]
    counts = [int((flips.epsilons == e).sum()) for e in outward] + [int(np.isnan(flips.epsilons).sum())]
    assert numbers(bars["y"]).tolist() == counts
    first = tiles(app)[0]
    assert f"flipped at −{abs(flips.epsilons[order[0]]):g}" in first["name"]
    assert "never flips" in tiles(app)[-1]["name"]
    assert "first ε tried below 0" in captions(app)


@pytest.mark.parametrize("order", ["before", "after"])
def test_the_least_sure_come_first(order: str) -> None:
    app = open_app(GALLERY, model="alexnet", pool="100", order=order)
    sure = [float(tile["lines"][1].partition("%")[0]) for tile in tiles(app)]
    assert len(sure) == 100
    if order == "after":
        assert sure == sorted(sure)
    first = tuple(cached.sample("cifar10").indices[:100].tolist())
    images = Images("cifar10", "alexnet", LabelSource.TRUE, first)
    gallery = finished(GalleryJob(images, Rule.SIGN, 8 / 255, 1, confidence=True))
    assert gallery is not None
    assert gallery.clean_confidence is not None
    assert gallery.tiles is not None
    values = {"before": gallery.clean_confidence, "after": gallery.tiles.confidence}[order]
    assert places(app) == gallery.indices[np.lexsort((gallery.indices, values))].tolist()


def test_one_that_was_measured_beforehand_says_with_which_weights(baseline: SweepResult) -> None:
    first = tuple(cached.sample("cifar10").indices[:100].tolist())
    job = GalleryJob(Images("cifar10", "alexnet", LabelSource.TRUE, first), Rule.SIGN, 8 / 255, 1)
    known = job.known()
    assert job.measured_beforehand()
    assert known is not None
    assert known.tiles is None
    assert known.provenance == Provenance.of(baseline)
    assert baseline.weights_sha256 == find_card("alexnet", "cifar10").sha256


def test_classes_and_outcomes_are_filtered_and_the_link_says_so(baseline: SweepResult) -> None:
    app = open_app(GALLERY, model="alexnet", epsilon="2/255", pool="500")
    app.multiselect(key="classes").set_value(["cat", "ship"]).run()
    app.selectbox(key="show").set_value("lost").run()
    app.selectbox(key="order").set_value("class").run()
    said = link(app)
    assert (said["classes"], said["show"], said["order"]) == ("cat,ship", "lost", "class")
    truths = [tile["name"].rpartition("true class ")[2] for tile in tiles(app)]
    assert set(truths) == {"cat", "ship"}
    assert truths == sorted(truths)
    for tile, truth in zip(tiles(app), truths, strict=True):
        assert tile["flipped"]
        assert tile["name"].startswith(f"{truth} → ")
    again = open_app(GALLERY, **said)
    assert tiles(again) == tiles(app)
    assert f"**{len(tiles(app))} of 500 images**" in " ".join(text.value for text in app.markdown)


def test_pages_of_a_hundred_tiles_and_back_to_the_first_by_another_choice() -> None:
    app = open_app(GALLERY, model="alexnet", pool="500")
    first = places(app)
    app.pagination(key="sheet").set_value(3).run()
    assert link(app)["sheet"] == "3"
    assert "shown 201 to 300" in " ".join(text.value for text in app.markdown)
    third = places(app)
    assert min(third) > max(first)
    assert places(open_app(GALLERY, **link(app))) == third
    app.selectbox(key="order").set_value("flip").run()
    assert link(app)["sheet"] == "1"
    assert app.pagination(key="sheet").value == 1


def test_a_page_past_the_last_falls_back_to_the_last_with_a_notice() -> None:
    app = open_app(GALLERY, model="alexnet", pool="200", sheet="7")
    assert link(app)["sheet"] == "2"
    assert "You asked for page 7; there are 2" in notices(app)
    assert len(tiles(app)) == 100


def test_where_the_choice_leaves_nothing_the_page_says_what_to_do() -> None:
    app = open_app(GALLERY, model="alexnet", epsilon="0", show="flipped")
    assert "None of the 2,000 images is like that" in app.info[0].value
    assert not [one for one in app.get("bidi_component") if one.proto.component_name == "gradlab.tiles"]
    app.selectbox(key="show").set_value("kept").run()
    assert not app.info
    assert len(tiles(app)) == 100
    assert "ε is 0: nothing happens" in captions(app)


@pytest.mark.parametrize(
    ("name", "value", "fallback"),
    [
        ("gallery", "some", "many"), ("classes", "cat,unicorn", None), ("show", "nothing", "all"),
        ("order", "luck", "place"), ("pool", "3", "2000"), ("sheet", "0", "1"), ("sheet", "x", "1"),
    ],
)  # fmt: skip
def test_nonsense_in_a_link_falls_back_with_a_notice(name: str, value: str, fallback: str | None) -> None:
    app = open_app(GALLERY, model="alexnet", **{name: value})
    assert link(app).get(name) == fallback
    assert f"link's {name} was left out" in notices(app)
    assert len(tiles(app)) == 100
    app.run()
    assert not app.warning, "a notice is told once"


def test_another_data_set_forgets_the_classes_of_the_one_before() -> None:
    app = open_app(GALLERY, model="alexnet", classes="cat")
    app.selectbox(key="dataset").set_value("fashion_mnist").run()
    assert "classes" not in link(app)
    assert [*app.error, *app.warning] == []
    assert component(app)["size"] == [84, 84]
    assert len(tiles(app)) == 100


def test_the_predicted_label_descending_is_known_from_its_baseline_and_climbing_is_computed() -> None:
    app = open_app(GALLERY, model="alexnet", labels="predicted", epsilon="-8/255")
    assert link(app)["pool"] == "2000"
    app.segmented_control(key="direction").set_value("up").run()
    assert link(app)["pool"] == "100"
    assert len(tiles(app)) == 100
    assert "away from the class that the network **predicted**" in captions(app)


@pytest.mark.usefixtures("anew")
def test_a_halted_gallery_shows_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    real = GalleryJob.begin

    def halting(job: GalleryJob) -> Iterator[Progress[Gallery]]:
        """Until the first flips are known; then somebody presses Stop."""
        for step in real(job):
            yield step
            if step.result and np.isfinite(step.result.flips).any():
                state.get("running").stopped = True
                st.rerun()

    monkeypatch.setattr(GalleryJob, "begin", halting)
    app = open_app(GALLERY, **COMPUTED)
    assert app.button(key="halt").label == "Go on"
    assert len(tiles(app)) == 100
    assert not any("never flips" in tile["name"] for tile in tiles(app)), "nobody knows that yet"
    assert any("flipped at" in tile["name"] for tile in tiles(app))


@pytest.mark.usefixtures("anew")
def test_a_look_at_which_nothing_new_was_found_is_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "A_WHILE", 0.0)
    real = GalleryJob.begin
    monkeypatch.setattr(GalleryJob, "begin", lambda job: (step for step in real(job) for _ in range(2)))
    app = open_app(GALLERY, **COMPUTED | {"epsilon": "0.5"})
    assert [*app.exception, *app.error] == []
    assert len(tiles(app)) == 100
    assert any("never flips" in tile["name"] for tile in tiles(app)), "it came to its end"


# One image


def test_one_image_has_a_row_a_rule_and_a_column_an_epsilon(sample: Batch) -> None:
    place = int(sample.indices[5])
    app = open_app(GALLERY, gallery="one", model="alexnet", image=str(place), rows="sign,l2")
    assert [*app.error, *app.warning] == []
    assert link(app) == {
        "dataset": "cifar10", "model": "alexnet", "labels": "true", "gallery": "one", "image": str(place),
        "rows": "sign,l2",
    }  # fmt: skip
    batch = gradlab.load_batch("cifar10", indices=[place], source="sample")
    found = walk(gradlab.load_model("alexnet", "cifar10"), batch, ["sign", "l2"])
    groups = component(app)["groups"]
    assert [group["title"].split(" ")[0] for group in groups] == ["sign", "L2"]
    cut = iter(pictures(app))
    for group, rule in zip(groups, (Rule.SIGN, Rule.L2), strict=True):
        grid, one = default_grid(rule), found[rule]
        assert len(group["tiles"]) == len(grid)
        clean = int(one.predictions[grid.index(0.0)])
        for k, tile in enumerate(group["tiles"]):
            assert tile["id"] == f"{rule}:{k}"
            assert tile["flipped"] == (one.predictions[k] != clean)
            assert tile["middle"] == (grid[k] == 0)
            assert tile["lines"][1] == f"{one.confidence[k]:.0%}"
            assert np.abs(next(cut).transpose(2, 0, 1).astype(int) - one.images[k]).max() <= 1
    assert "one gradient serves every picture" in captions(app)


def test_one_image_without_rules_says_what_to_do_and_can_be_changed() -> None:
    app = open_app(GALLERY, gallery="one", model="alexnet", rows="")
    assert "at least one kind of noise" in app.info[0].value
    app.pills(key="rows").set_value([Rule.RAW]).run()
    before = link(app)["image"]
    assert len(tiles(app)) == len(default_grid(Rule.RAW))
    app.button(key="go_Next").click().run()
    assert link(app)["image"] != before


def test_nonsense_in_the_link_of_one_image_falls_back_with_a_notice() -> None:
    app = open_app(GALLERY, gallery="one", model="alexnet", rows="sign,sing", image="99999999")
    assert "link's rows was left out" in notices(app)
    assert "link's image was left out" in notices(app)
    assert len(component(app)["groups"]) == len(Rule)


def test_choices_survive_a_change_of_page() -> None:
    app = open_app(GALLERY, model="alexnet", show="flipped", order="flip", pool="200", rule="raw", epsilon="-0.3")
    said = link(app)
    app.switch_page("gradlab/ui/pages/explore.py")
    app.query_params.clear()
    app.run()
    assert (link(app)["rule"], link(app)["epsilon"]) == ("raw", "-0.3")
    app.switch_page(GALLERY)
    app.query_params.clear()
    app.run()
    assert link(app) == said
