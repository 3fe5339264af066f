"""What is sent to the handle of Explore, and what it sends back."""

import base64

import numpy as np
import pytest
from apps import component, link, notices, open_app

import gradlab
from gradlab.experiments.explore import explore, track
from gradlab.steps.epsilon import fine_grid
from gradlab.types import Rule
from gradlab.ui.components.scrub import _leading

LINK = {"dataset": "cifar10", "model": "alexnet", "rule": "l2", "epsilon": "-0.42"}


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4")


def test_it_is_given_the_image_the_direction_and_the_beliefs_along_it() -> None:
    app = open_app(**LINK)
    given = component(app, "gradlab.scrub")
    one = gradlab.load_batch("cifar10", indices=[int(link(app)["image"])], source="sample")
    model = gradlab.load_model("alexnet", "cifar10")
    way = track(model, one, "l2", fine_grid(Rule.L2))
    np.testing.assert_array_equal(floats(given["x"]), way.image.ravel())
    np.testing.assert_allclose(floats(given["d"]), way.direction.ravel(), atol=1e-6)
    np.testing.assert_allclose(floats(given["shares"]).reshape(len(way.epsilons), 10), way.probabilities, atol=1e-5)
    np.testing.assert_allclose(floats(given["rounded_shares"]).reshape(-1, 10), way.rounded, atol=1e-5)
    assert given["grid"] == list(fine_grid(Rule.L2))
    seen = explore(model, one, "l2", -0.42)
    assert given["exact"]["epsilon"] == given["epsilon"] == -0.42
    np.testing.assert_allclose(given["exact"]["plain"], seen.perturbed.probabilities, atol=1e-5)
    np.testing.assert_allclose(given["exact"]["rounded"], seen.rounded.probabilities, atol=1e-5)


def test_an_epsilon_beyond_the_grid_is_within_reach() -> None:
    given = component(open_app(**{**LINK, "epsilon": "50"}), "gradlab.scrub")
    assert given["reach"] == 50


def test_the_true_class_has_a_bar_and_the_likeliest_have_one() -> None:
    one = gradlab.load_batch("cifar100", limit=1, source="sample")
    way = track(gradlab.load_model("alexnet", "cifar100"), one, "sign", fine_grid(Rule.SIGN))
    shown = _leading(way).tolist()
    assert len(shown) == len(set(shown)) == 10
    assert way.label in shown
    peaks = way.probabilities.max(axis=0)
    left_out = np.delete(peaks, shown).max()
    assert all(peaks[k] >= left_out for k in shown if k != way.label)
    clean = way.probabilities[way.epsilons == 0][0, shown]
    assert (np.diff(clean) <= 0).all(), "in the order of the clean image"


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
