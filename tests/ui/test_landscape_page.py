"""The page Landscape: what it draws is what the backend says, from its link, for every network."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from apps import captions, charts, link, notices, numbers, open_alone, open_app
from streamlit.testing.v1 import AppTest

import gradlab
from gradlab.experiments.landscape import loss_line, loss_plane, stream_loss_plane
from gradlab.networks import ModelCard, read_cards
from gradlab.steps.epsilon import default_grid, format_epsilon, parse_epsilon
from gradlab.types import LabelSource, LossLine, LossPlane, Rule
from gradlab.ui import cached
from gradlab.ui.cached import devices
from gradlab.ui.jobs import plane as planes
from gradlab.ui.jobs.job import begun, finished
from gradlab.ui.jobs.plane import PlaneJob
from gradlab.ui.state import Running, Work, session

LANDSCAPE = "gradlab/ui/pages/landscape.py"
CHOICE = {"rule": "sign", "epsilon": "-8/255", "reach": "32/255", "across": "3", "labels": "true"}
each = pytest.mark.parametrize("card", read_cards(), ids=lambda card: f"{card.name}-{card.dataset}")


def open_landscape(**link: str) -> AppTest:
    return open_alone(LANDSCAPE, **link)


@pytest.fixture(autouse=True)
def _planes_anew() -> Iterator[None]:
    devices._kept.clear()
    yield
    devices._kept.clear()


def trace(chart: dict[str, Any], **wanted: str) -> dict[str, Any]:
    (found,) = [one for one in chart["data"] if wanted.items() <= one.items()]
    return found


def backend(shown: dict[str, str]) -> tuple[LossLine, LossPlane]:
    """Line and plane of a link."""
    one = gradlab.load_batch(shown["dataset"], indices=[int(shown["image"])], source="sample")
    model = gradlab.load_model(shown["model"], shown["dataset"])
    reach = parse_epsilon(shown["reach"])
    return (
        loss_line(model, one, shown["rule"], reach, labels=shown["labels"]),
        loss_plane(model, one, shown["rule"], reach, labels=shown["labels"], across=int(shown["across"])),
    )


@pytest.mark.parametrize("labels", ["true", "predicted", "target:ship"])
def test_it_shows_the_backends_numbers_and_writes_its_link(labels: str) -> None:
    app = open_landscape(**CHOICE | {"labels": labels})
    assert [*app.error, *app.warning] == []
    shown = link(app)
    assert {**shown, **CHOICE, "labels": labels} == shown
    line, plane = backend(shown)
    first, second = charts(app)
    np.testing.assert_allclose(numbers(trace(first, meta="loss")["y"]), line.loss, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(np.array(trace(second, type="heatmap")["z"], float), plane.loss, rtol=1e-3, atol=1e-6)
    assert f"Loss of **{gradlab.load_batch('cifar10', limit=1, source='sample').classes[line.label]}**" in captions(app)
    assert "seed 3" in captions(app)
    assert "41 × 41 cells" in captions(app)
    assert {button.label for button in app.get("download_button")} == {"CSV"}
    assert "across=3" in app.code[0].value


def test_the_captions_say_where_it_is_lowest_and_where_the_class_changes() -> None:
    app = open_landscape(**CHOICE, image="6887")
    line, _ = backend(link(app))
    said, classes = captions(app), gradlab.load_batch("cifar10", limit=1, source="sample").classes
    assert line.too_far is not None
    lowest, far = (format_epsilon(float(line.epsilons[place]), Rule.SIGN) for place in (line.lowest, line.too_far))
    assert (
        f"Lowest loss {line.loss[line.lowest]:.3g} nats at ε = {lowest}; further out it rises again, and at {far}"
        in said
    )
    for place in line.changes:
        assert place is not None
        at, name = format_epsilon(float(line.epsilons[place]), Rule.SIGN), classes[line.predictions[place]]
        assert f"The class changes first at ε = {at}, to **{name}**." in said
    assert f"a slope of {line.slope / 255:.3g} nats per 1/255" in said
    assert "leads towards the **true** class: it is told the right answer." in said


def made(loss: list[float], predictions: list[int]) -> LossLine:
    return LossLine(
        Rule.SIGN, 0, np.arange(-2, 3) / 255, np.array(loss, np.float64), np.array(predictions, np.int16), 1.0
    )


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        (made([3, 0.5, 1, 2, 3], [0] * 5), [
            "Lowest loss 0.5 nats at ε = −1/255; further out it rises again, and at −2/255 it is above the clean loss: "
            "the step is too long. The class does not change as far as the axis reaches.",
        ]),
        (made([0.9, 0.5, 1, 2, 3], [0] * 5), [
            "at ε = −1/255; further out it rises again, but not above the clean loss as far as the axis reaches.",
        ]),
        (made([0.5, 0.5, 1, 2, 3], [0] * 5), ["at ε = −1/255; further out it stays flat as far as the axis reaches."]),
        (made([0.1, 0.5, 1, 2, 3], [1, 0, 0, 0, 2]), [
            "Lowest loss 0.1 nats at ε = −2/255, where the axis ends: it may fall further.",
            "at ε = −2/255, to **automobile**", "at ε = +2/255, to **bird**",
        ]),
        (made([3, 2, 1, 2, np.nan], [0, 0, 0, 0, -1]), [
            "No negative step of this grid lowers the loss.", "The network first gives no number at ε = +2/255.",
        ]),
    ],
)  # fmt: skip
def test_what_else_the_captions_can_say(line: LossLine, sentences: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "line", lambda *key: line)
    app = open_landscape(**CHOICE)
    for sentence in sentences:
        assert sentence in captions(app)


@each
def test_every_network_opens(card: ModelCard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planes, "stream_loss_plane", smaller)
    image = int(cached.sample(card.dataset).indices[1])
    app = open_landscape(dataset=card.dataset, model=card.name, image=str(image))
    assert [*app.error, *app.warning] == []
    assert (link(app)["dataset"], link(app)["model"]) == (card.dataset, card.name)
    assert len(charts(app)) == 2
    assert "9 × 9 cells" in captions(app)


def smaller(*given: Any, **options: Any) -> Iterator[LossPlane]:
    """A plane of a few cells, in many chunks."""
    return stream_loss_plane(*given, **options, cells=9, chunk=4)


@pytest.mark.parametrize(
    ("rule", "epsilon", "reach"),
    [("raw", "0.2", "1"), ("l2", "0.5", "5"), ("max", "64/255", "192/255"), ("random", "8/255", "48/255")],
)
def test_each_rule_has_a_reach_of_its_own(rule: str, epsilon: str, reach: str) -> None:
    app = open_landscape(rule=rule)
    assert (link(app)["epsilon"], link(app)["reach"]) == (epsilon, reach)
    assert [*app.error, *app.warning] == []
    other = default_grid(Rule(rule))[-3]
    app.select_slider(key=f"reach_{rule}").set_value(other).run()
    assert parse_epsilon(link(app)["reach"]) == other != parse_epsilon(reach)
    app.segmented_control(key="rule").set_value(Rule.SIGN).run()
    assert link(app)["reach"] == "48/255"


@pytest.mark.parametrize(
    ("name", "value", "fallback"),
    [
        ("reach", "0", "48/255"), ("reach", "-8/255", "48/255"), ("reach", "far", "48/255"),
        ("reach", "nan", "48/255"), ("reach", "1001", "48/255"), ("across", "-1", "0"), ("across", "10000", "0"),
        ("across", "9" * 5000, "0"), ("across", "x", "0"), ("image", "99999999", None), ("rule", "signn", "sign"),
    ],
)  # fmt: skip
def test_nonsense_in_the_link_falls_back_with_a_notice(name: str, value: str, fallback: str | None) -> None:
    app = open_landscape(**{name: value})
    assert link(app)[name] == (fallback or str(cached.first_places("cifar10", "alexnet")[0]))
    assert f"link's {name}" in notices(app), "and it stays when the plane is done"
    assert "expected" in notices(app)
    assert len(charts(app)) == 2
    app.run()
    assert not app.warning, "a notice is told once"


def test_a_reach_of_ones_own_is_kept() -> None:
    app = open_landscape(reach="7.5/255")
    assert link(app)["reach"] == "7.5/255"
    assert "within ±7.5/255" in captions(app)
    assert "The chosen ε lies beyond the axes" in captions(app)
    assert not app.warning
    assert "The chosen ε lies beyond" not in captions(open_landscape(reach="8/255"))


def test_another_random_direction_changes_the_plane_only() -> None:
    app = open_landscape(**CHOICE)
    line, plane = charts(app)
    app.button(key="next_across").click().run()
    assert link(app)["across"] == "4"
    other_line, other_plane = charts(app)
    assert other_line == line
    assert trace(other_plane, type="heatmap")["z"] != trace(plane, type="heatmap")["z"]
    assert link(open_landscape(across="9999").button(key="next_across").click().run())["across"] == "0"


def test_another_step_moves_its_mark_and_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_landscape(**CHOICE)
    for module, name in ((devices, "loss_line"), (planes, "stream_loss_plane")):
        monkeypatch.setattr(module, name, refuse)
    app.segmented_control(key="direction").set_value("up").run()
    assert not app.error
    for chart in charts(app):
        assert numbers(trace(chart, name="chosen ε")["x"]) == pytest.approx([8])
    app.button(key="go_Next").click().run()
    assert app.error, "another image is computed"


def refuse(*_: object, **__: object) -> None:
    raise gradlab.GradlabError("computed again")


def test_what_was_stopped_is_shown_as_far_as_it_came_and_goes_on() -> None:
    app = open_landscape(**CHOICE)
    place = int(link(app)["image"])
    job = PlaneJob("cifar10", "alexnet", place, Rule.SIGN, 32 / 255, LabelSource.TRUE, 3)
    whole = cached.kept().pop(job)
    steps = begun(job)
    app.session_state["running"] = Running(job, Work(steps, next(steps)), stopped=True)
    app.run()
    assert [button.label for button in app.button if button.key == "halt"] == ["Go on"]
    assert "So far 121 of 1,681 are computed" in captions(app)
    shown = np.array(trace(charts(app)[1], type="heatmap")["z"], float)
    np.testing.assert_allclose(np.unique(shown), np.unique(whole.loss[::4, ::4]), rtol=1e-4)
    app.button(key="halt").click().run()
    assert finished(job) is not None
    assert "Only" not in captions(app)
    app.run()
    assert not [button for button in app.button if button.key == "halt"]
    assert len(charts(app)) == 2


def test_what_was_stopped_before_anything_was_done_says_so() -> None:
    app = open_landscape(**CHOICE)
    job = PlaneJob("cifar10", "alexnet", int(link(app)["image"]), Rule.SIGN, 32 / 255, LabelSource.TRUE, 3)
    cached.kept().pop(job)
    app.session_state["running"] = Running(job, Work(begun(job)), stopped=True)
    app.run()
    assert "Stopped before the first cells were done." in [info.value for info in app.info]
    assert len(charts(app)) == 1


def test_planes_are_kept_but_not_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planes, "stream_loss_plane", lambda *_, **options: smaller_plane(**options))
    jobs = [PlaneJob("cifar10", "alexnet", 6887, Rule.L2, 1.0, LabelSource.TRUE, seed) for seed in range(26)]
    for job in jobs:
        assert list(begun(job))[-1].share == 1
    assert [finished(job) is None for job in jobs] == [True] * 2 + [False] * 24
    found = finished(jobs[-1])
    assert found is not None
    assert found.across == 25


def smaller_plane(across: int, **_: object) -> Iterator[LossPlane]:
    one, network = cached.load_one("cifar10", 6887), cached.model("alexnet", "cifar10")
    return stream_loss_plane(network, one, "l2", 1.0, across=across, cells=3)


def test_choices_survive_a_change_of_page() -> None:
    app = open_landscape(**CHOICE)
    app.switch_page("gradlab/ui/pages/explore.py")
    app.query_params.clear()
    app.run()
    assert link(app)["epsilon"] == "-8/255"
    app.switch_page(LANDSCAPE)
    app.query_params.clear()
    app.run()
    assert {name: link(app)[name] for name in CHOICE} == CHOICE
    assert re.search(r"seed 3\b", captions(app))


def test_a_plane_that_looks_as_it_did_is_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where nothing changes the loss: every part of the plane is of one colour."""
    monkeypatch.setattr(session, "A_WHILE", 0.0)
    real = PlaneJob.begin
    monkeypatch.setattr(PlaneJob, "begin", lambda job: (step for step in real(job) for _ in range(2)))
    app = open_landscape(**CHOICE)
    assert [*app.exception, *app.error] == []
    assert len(charts(app)) == 2


def test_axes_that_are_too_short_for_a_tiny_gradient_say_why_and_reach_further() -> None:
    app = open_app(LANDSCAPE, dataset="svhn", model="resnet9", rule="raw", image="778")
    assert not app.exception
    assert "the gradient is tiny" in captions(app)
    assert "the axes can reach" in captions(app)
    flat = np.array(charts(app)[0]["data"][0]["y"], np.float64)
    app.button(key="enough").click().run()
    assert not app.exception
    far = np.array(charts(app)[0]["data"][0]["y"], np.float64)
    assert np.ptp(far) > 1, "nats"
    assert np.ptp(flat) < 1e-3
    assert float(link(app)["reach"]) > 1e3
    assert not [button for button in app.button if button.key == "enough"]
    again = open_app(LANDSCAPE, **link(app))
    assert np.ptp(np.array(charts(again)[0]["data"][0]["y"], np.float64)) > 1
    usual = open_app(LANDSCAPE, model="alexnet-paper", rule="raw", image="6887")
    assert "tiny" not in captions(usual)
    assert not [button for button in usual.button if button.key == "enough"]
