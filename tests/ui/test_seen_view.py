"""What people see, as the pages show it: each state of the view, its axis, and where the network comes from."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from apps import captions, charts, notices, numbers
from streamlit.testing.v1 import AppTest

from gradlab.experiments.stored import baseline_of
from gradlab.networks import find_card
from gradlab.seeing.psychometrics import simulate
from gradlab.seeing.thresholds import see, sentence
from gradlab.types import Answer, LabelSource, Observer, Protocol, Response, Rule, Scale, SeeingStudy, SweepResult
from gradlab.ui import cached, state, words
from gradlab.ui.cached import devices
from gradlab.ui.components.accuracy import accuracy_job, shipped_accuracy
from gradlab.ui.jobs.job import begun, finished
from gradlab.ui.state import Running, Work

SCALES = (Scale.spaced("sign", 0.5 / 255, 32 / 255, catch=64 / 255), Scale.spaced("raw", 0.02, 6.0))
CARD = find_card("alexnet", "cifar10")


def protocol(**how: Any) -> Protocol:
    usual: dict[str, Any] = {
        "dataset": "cifar10", "model": "alexnet", "weights": CARD.sha256, "labels": LabelSource.TRUE, "descend": False,
        "scales": SCALES, "method": "2ifc", "trials": 40, "catch_every": 8, "places": (1, 2, 3), "width": 224,
        "smooth": False, "seconds": None,
    }  # fmt: skip
    return Protocol(**usual | how)


def responses(rows: Sequence[Answer]) -> tuple[Response, ...]:
    return tuple(
        Response(
            n, Rule(row.scale), row.intensity, row.catch, 1, row.intensity, 0, int(not row.correct), 1.0, 1.0, 30, 0.9
        )
        for n, row in enumerate(rows)
    )  # fmt: skip


OBSERVERS = {"sign": Observer(3 / 255), "raw": Observer(0.5)}
TESTS = simulate(protocol().design, OBSERVERS, runs=4, seed=30)
SHIPPED = baseline_of(CARD)


def script(
    study: "SeeingStudy", everybody: "Any", sweep: "Any" = None, you: "Any" = None, network: bool = False
) -> None:
    """What a page does; AppTest runs its text by itself."""
    import streamlit as st

    from gradlab.ui import state
    from gradlab.ui.components.accuracy import network_accuracy, shown_accuracy
    from gradlab.ui.views.seen import seen

    state.begin()
    shown = shown_accuracy(study.protocol) if network else None
    sweep = network_accuracy(study.protocol) if network else sweep
    seen(study, everybody, sweep, shown, you=study.solo if you is None else you)
    state.write_link(("seen_axis", "guessers"))
    st.caption("the end")


def shown(
    people: Sequence[Sequence[Answer]],
    sweep: SweepResult | None = SHIPPED,
    link: str = "",
    how: Any = None,
    **more: Any,
) -> AppTest:
    study = SeeingStudy("ABCD", how or protocol(), datetime(2026, 1, 1, tzinfo=UTC), solo=len(people) < 2)
    everybody = {f"key {n}": responses(rows) for n, rows in enumerate(people)}
    app = AppTest.from_function(script, default_timeout=900, args=(study, everybody, sweep), kwargs=more)
    if link:
        app.query_params["seen_axis"] = link
    app.run()
    assert not app.exception
    return app


def told(app: AppTest) -> str:
    return "\n".join(one.value for one in app.markdown).replace("\\", "")


def test_one_person_gets_sentences_a_figure_and_a_table() -> None:
    app = shown(TESTS[:1])
    found = see(protocol().design, TESTS[:1], SHIPPED)
    for seen in found:
        assert sentence(seen, True, words.RULES[seen.rule]) in told(app)
    (figure,) = charts(app)
    middle = next(one for one in figure["data"] if one["meta"] == ["sign", "people"])
    assert numbers(middle["y"]) == pytest.approx(found[0].curve.middle)
    table = app.table[0].value.set_index("")
    assert list(table.columns) == ["sign", "plain gradient"]
    assert table["sign"]["all measured: accuracy there"].startswith(f"{found[0].at.share:.1%} (")  # type: ignore[union-attr]
    assert not [name for name in table.index if name.startswith("images shown")]
    assert "people" not in table.index
    assert (
        "Dashed: accuracy of alexnet as saved (8 bit), clean 85.5%, on 10,000 test images of CIFAR-10, "
        "class-balanced: the full test split." in captions(app)
    )
    assert "leads away from the **true** class" in captions(app)
    assert {"Thresholds, JSON", "Thresholds, CSV", "Answers, JSON", "Answers, CSV"} <= {
        button.label for button in app.get("download_button")
    }
    assert "load_baseline" in app.code[0].value
    assert not [*app.error, *app.warning]


def test_of_several_people_the_median_and_the_spread_are_shown() -> None:
    app = shown(TESTS)
    assert "The median of 4 people just sees" in told(app)
    table = app.table[0].value.set_index("")
    assert table["sign"]["people"] == "4, 4 with a threshold of their own"
    assert table["sign"]["people differ by"].startswith("×")
    assert "that of the median person" in captions(app)


def test_one_of_a_class_is_addressed_only_where_they_look_at_their_own() -> None:
    assert "You just see" in told(shown(TESTS[:1], you=True))
    assert "This person just sees" in told(shown(TESTS[:1], you=False))


@pytest.mark.parametrize("axis", ["l2", "psnr", "ssim"])
def test_the_axis_is_chosen_and_stands_in_the_link(axis: str) -> None:
    app = shown(TESTS[:1])
    app.segmented_control(key="seen_axis").set_value(axis).run()
    assert app.query_params["seen_axis"] in (axis, [axis])
    again = shown(TESTS[:1], link=axis)
    for one in (app, again):
        assert {trace["xaxis"] for trace in charts(one)[0]["data"]} == {"x"}
    assert not again.warning


def test_an_axis_that_is_none_falls_back_with_a_notice() -> None:
    app = shown(TESTS[:1], link="linf")
    assert "The link's seen_axis was left out" in notices(app)
    assert app.segmented_control(key="seen_axis").value == "epsilon"


def test_without_answers_it_says_so() -> None:
    for people in ([], [[]]):
        app = shown(people)
        assert "No answers yet" in app.info[0].value
        assert not charts(app)


def test_doubts_are_warnings() -> None:
    careless = [Answer(row.scale, row.intensity, row.correct and not row.catch, row.catch) for row in TESTS[0]]
    assert "catch trials, which anybody sees, were missed: your attention is in doubt" in notices(shown([careless]))
    assert "Few answers (sign: " in notices(shown([TESTS[0][:9]]))


GUESSER = [Answer(row.scale, row.intensity, n // 2 % 2 == 0, row.catch) for n, row in enumerate(TESTS[0])]


def test_who_guesses_is_left_out_until_the_switch_counts_them() -> None:
    app = shown([*TESTS, GUESSER])
    assert "Left out: 1 of 5 people, who seem to guess." in told(app)
    assert app.query_params["guessers"] in ("0", ["0"])
    table = app.table[0].value.set_index("")
    assert table["sign"]["seem to guess"] == "1 of 5, left out"
    assert "guessers=False" in app.code[0].value
    app.toggle(key="guessers").set_value(True).run()
    assert not app.exception
    assert "Left out" not in told(app)
    assert "People who seem to guess are counted" in notices(app)
    assert app.table[0].value.set_index("")["sign"]["seem to guess"] == "1 of 5, counted"
    assert app.query_params["guessers"] in ("1", ["1"])
    assert "guessers=True" in app.code[0].value


def test_the_captions_say_which_interval_the_dots_have() -> None:
    assert "a bootstrap over people" in captions(shown(TESTS))
    assert "bootstrap" not in captions(shown(TESTS[:1]))
    assert not shown(TESTS).toggle, "nobody guesses: there is nothing to switch"


def test_without_the_network_people_are_shown_alone() -> None:
    app = shown(TESTS[:1], None, link="psnr")
    assert "You just see the noise at ε =" in told(app)
    assert app.segmented_control(key="seen_axis").options == ["step size ε"]
    assert charts(app)


def test_a_sweep_that_does_not_fit_is_left_out_with_a_reason() -> None:
    predicted = baseline_of(CARD, LabelSource.PREDICTED)  # down the loss only
    app = shown(TESTS[:1], predicted)
    assert (
        "You do not see what the network says: expected a sweep of sign with images and an epsilon above 0"
        in notices(app)
    )
    assert charts(app)


# Where the network comes from


@pytest.fixture(autouse=True)
def anew() -> None:
    """No sweep is kept from another test."""
    devices._kept.clear()


def test_the_shipped_study_is_taken_with_all_its_epsilons() -> None:
    found = shipped_accuracy(protocol())
    assert found is not None
    assert found.images == 10_000
    assert len(found.curve(Rule.SIGN).epsilons) > 27
    descended = shipped_accuracy(protocol(labels=LabelSource.PREDICTED, descend=True))
    assert descended is not None
    assert not descended.eight_bit
    app = shown(TESTS[:1], how=protocol(labels=LabelSource.PREDICTED, descend=True), network=True)
    assert "**before** rounding to 8 bit" in captions(app)
    assert "ε = −" in told(app)


def test_other_weights_are_another_network() -> None:
    app = shown(TESTS[:1], how=protocol(weights="0" * 64), network=True)
    assert "with the weights 000000000000… of this study" in notices(app)
    assert "You just see" in told(app)


def test_the_images_shown_are_asked_about_on_the_page() -> None:
    places = tuple(cached.sample("cifar10").indices[:12].tolist())
    how = protocol(places=places, looked=512, alike=9)
    shown_sweep = cached.shown_sweep(how)
    assert shown_sweep is cached.shown_sweep(how), "kept"
    app = shown(TESTS[:1], how=how, network=True)
    found = see(how.design, TESTS[:1], SHIPPED, shown=shown_sweep)
    for seen in found:
        assert sentence(seen, True, words.RULES[seen.rule]) in told(app)
    assert "of the 12 images shown (" in told(app)
    assert "Of 512 images looked at, the rules change only 9 about as much" in captions(app)
    assert "Dashed: accuracy of alexnet as saved (8 bit), clean " in captions(app)
    table = app.table[0].value.set_index("")
    at = found[1].shown_at
    assert at is not None
    assert table["plain gradient"]["images shown: accuracy there"] == f"{at.share:.1%} ({at.low:.1%} to {at.high:.1%})"
    assert table["plain gradient"]["images shown: clean accuracy"].endswith(" of 12")
    assert table["plain gradient"]["all measured: clean accuracy"].endswith(" of 10,000")
    assert "shown = gradlab.sweep(" in app.code[0].value
    assert not [*app.error, *app.warning]


def test_images_that_are_not_at_hand_are_said_to_be_missing() -> None:
    missing = next(n for n in range(10_000) if n not in set(cached.sample("cifar10").indices.tolist()))
    app = shown(TESTS[:1], how=protocol(places=(missing,)), network=True)
    assert (
        "You do not see what the network says of the images shown: expected indices of the embedded sample"
        in notices(app)
    )
    assert "of all 10,000 test images measured (" in told(app)


def test_what_nobody_measured_is_measured_after_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "USUAL_LIMIT", 20)
    how = protocol(labels=LabelSource.PREDICTED, scales=SCALES[:1])
    people = [[row for row in TESTS[0] if row.scale == "sign"]]
    assert shipped_accuracy(how) is finished(accuracy_job(how)) is None
    app = shown(people, how=how, network=True)
    assert "You just see" in told(app), "people are not kept waiting"
    app.button(key="measure_network").click().run()
    assert not app.exception
    result = finished(accuracy_job(how))
    assert result is not None
    assert (result.images, result.eight_bit, result.curves[0].ssim is not None) == (20, True, True)
    assert "of all 20 test images measured (" in told(app)
    assert app.segmented_control(key="seen_axis").options[-1] == "mean SSIM"
    assert "gradlab.sweep(" in app.code[0].value


def test_what_was_stopped_is_shown_as_far_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "USUAL_LIMIT", 60)
    how = protocol(labels=LabelSource.PREDICTED, scales=SCALES[:1])
    app = shown([[row for row in TESTS[0] if row.scale == "sign"]], how=how, network=True)
    job = accuracy_job(how)
    steps = begun(job)
    app.session_state["running"] = Running(job, Work(steps, next(steps)), stopped=True)
    app.run()
    assert not app.exception
    assert [button.label for button in app.button if button.key == "halt"] == ["Go on"]
    assert " test images measured (" in told(app)
