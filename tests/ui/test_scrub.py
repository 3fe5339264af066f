"""What is sent to the handle of Explore, and what it sends back."""

import base64
import json
from typing import Any

import numpy as np
import pytest
from apps import component, link, notices, open_app, send

import gradlab
from gradlab.experiments.explore import explore, track
from gradlab.steps.epsilon import fine_grid
from gradlab.types import Rule
from gradlab.ui.components.scrub import _shown, known, packed

LINK = {"dataset": "cifar10", "model": "alexnet", "rule": "l2", "epsilon": "-0.42"}


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4")


def shares(said: dict[str, Any]) -> np.ndarray:
    """A row for each epsilon, a column for each class with a bar."""
    return floats(said["shares"]).reshape(len(said["top"]), -1)


def values(sent: dict[str, str]) -> np.ndarray:
    """What `packed` was given."""
    raw = base64.b64decode(sent["values"])
    if sent["as"] == "levels":
        return np.frombuffer(raw, np.uint8) / np.float32(255)
    return np.frombuffer(raw, np.int8 if sent["as"] == "signs" else "<f4").astype(np.float32)


def test_it_is_given_the_image_the_direction_and_the_beliefs_along_it() -> None:
    app = open_app(**LINK)
    given = component(app, "gradlab.scrub")
    one = gradlab.load_batch("cifar10", indices=[int(link(app)["image"])], source="sample")
    model = gradlab.load_model("alexnet", "cifar10")
    way = track(model, one, "l2", fine_grid(Rule.L2))
    np.testing.assert_array_equal(values(given["x"]), way.image.ravel())
    np.testing.assert_allclose(values(given["d"]), way.direction.ravel(), atol=1e-6)
    seen = explore(model, one, "l2", -0.42)
    assert given["grid"] == given["fine"] == list(fine_grid(Rule.L2))
    assert given["exact"]["epsilon"] == given["epsilon"] == -0.42
    for said, all_of_it in (
        (given["along"]["plain"], way.probabilities),
        (given["along"]["rounded"], way.rounded),
        (given["exact"]["plain"], seen.perturbed.probabilities[None]),
        (given["exact"]["rounded"], seen.rounded.probabilities[None]),
    ):
        np.testing.assert_allclose(shares(said), all_of_it[:, given["shown"]], atol=1e-5)
        np.testing.assert_allclose(floats(said["sure"]), all_of_it.max(1), atol=1e-5)
        assert said["top"] == all_of_it.argmax(1).tolist()


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (np.float32([0, 1 / 255, 128 / 255, 1]), "levels"),
        (np.float32([-1, 0, 1, 1]), "signs"),
        (np.float32([0, 1, 1, 0]), "levels"),
        (np.float32([0, 0.5, 1, 1]), "float32"),
        (np.float32([-2, 0, 1, 1]), "float32"),
        (np.float32([300, 1e30, -1e30, 255]), "float32"),
    ],
)
def test_what_fits_into_bytes_is_sent_so_and_nothing_is_lost(given: np.ndarray, kind: str) -> None:
    sent = packed(given.reshape(1, 2, 2))
    assert sent["as"] == kind
    assert len(base64.b64decode(sent["values"])) == len(given) * (4 if kind == "float32" else 1)
    np.testing.assert_array_equal(values(sent), given)


def test_a_photograph_under_sign_is_sent_in_two_bytes_a_value() -> None:
    given = component(open_app(dataset="cifar10", model="alexnet", rule="sign"), "gradlab.scrub")
    assert (given["x"]["as"], given["d"]["as"]) == ("levels", "signs")


def test_of_a_photograph_little_is_sent_and_more_of_what_the_network_says_follows() -> None:
    app = open_app(dataset="photos", rule="sign", image="3")
    given, later = component(app, "gradlab.scrub"), component(app, "gradlab.finer")
    fine = list(fine_grid(Rule.SIGN))
    assert given["fine"] == later["grid"] == fine
    assert set(given["grid"]) < set(fine)
    assert given["of"] == later["of"]
    assert len(given["shown"]) == len(later["shown"]) == 10
    assert shares(later["along"]["rounded"]).shape == (len(fine), 10)
    assert len(json.dumps(given)) < 500_000
    small = component(app, "gradlab.thumbnails")["images"]
    assert sum(len(one["source"]) for one in small) < 6 * 20_000
    assert "A dahlia, image 5" in [one["title"] for one in small], "by its title"
    send(app, "gradlab.scrub", epsilon=8 / 255)
    assert component(app, "gradlab.scrub")["along"] == later["along"], "it is there from the beginning now"
    assert all(one.proto.component_name != "gradlab.finer" for one in app.get("bidi_component"))


def test_an_epsilon_beyond_the_grid_is_within_reach() -> None:
    given = component(open_app(**{**LINK, "epsilon": "50"}), "gradlab.scrub")
    assert given["reach"] == 50


def test_the_true_class_has_a_bar_and_the_likeliest_have_one() -> None:
    one = gradlab.load_batch("cifar100", limit=1, source="sample")
    way = track(gradlab.load_model("alexnet", "cifar100"), one, "sign", fine_grid(Rule.SIGN))
    shown = _shown(way, way.label)
    assert len(shown) == len(set(shown)) == 10
    assert way.label in shown
    peaks = way.probabilities.max(axis=0)
    left_out = np.delete(peaks, shown).max()
    assert all(peaks[k] >= left_out for k in shown if k != way.label)
    clean = way.probabilities[way.epsilons == 0][0, shown]
    assert (np.diff(clean) <= 0).all(), "in the order of the clean image"
    least = int(peaks.argmin())
    assert _shown(way, least)[-1] == least, "the class whose loss is taken has one too, however unlikely it is"
    assert _shown(way, way.label, [least, shown[3]]) == [*shown, least]


def test_a_person_gives_more_classes_a_bar() -> None:
    app = open_app(dataset="cifar100")
    before = component(app, "gradlab.scrub")
    classes = before["classes"]
    others = [name for k, name in enumerate(classes) if k not in before["shown"]]
    send(app, "gradlab.scrub", added=[others[4], others[2]])
    given = component(app, "gradlab.scrub")
    assert given["added"] == [others[4], others[2]]
    assert [classes[k] for k in given["shown"][10:]] == given["added"]
    said = given["along"]["plain"]
    assert shares(said).shape == (len(given["grid"]), 12)
    assert said["top"] == before["along"]["plain"]["top"]
    app.selectbox(key="dataset").set_value("cifar10").run()
    assert not component(app, "gradlab.scrub")["added"], "they are no classes there"


@pytest.mark.parametrize("value", ["cat", None, 3, {}, [["cat"]], ["no class"], [7]])
def test_only_classes_get_a_bar(value: object) -> None:
    assert known(value, ("cat", "dog")) == ()
    assert known(["dog", value, "cat", "dog"], ("cat", "dog")) in [("dog", "cat")]
    assert len(known([str(k) for k in range(50)], tuple(map(str, range(50))))) == 10


@pytest.mark.parametrize("value", ["9", None, float("nan"), 1e39, True])
def test_what_a_browser_sends_is_checked(value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    # AppTest cannot press it: the callback is called as Streamlit would.
    from gradlab.ui.components import scrub as module

    told: list[str] = []
    monkeypatch.setattr(module.state, "put_notice", lambda name, message: told.append(message))
    module.heard(value, lambda epsilon: pytest.fail(f"{epsilon} was taken"))
    assert len(told) == 1
    assert "expected a finite number" in told[0]


def test_rounding_is_in_the_link() -> None:
    app = open_app(**LINK, rounded="1")
    assert component(app, "gradlab.scrub")["rounded"] is True
    assert link(app)["rounded"] == "1"
    app = open_app(**LINK, rounded="yes")
    assert component(app, "gradlab.scrub")["rounded"] is False
    assert "rounded was left out" in notices(app)
