"""What people see, and the network: closed forms, simulated observers, and every wording of the sentence."""

import math
from dataclasses import replace

import numpy as np
import pytest
from observers import DESIGN, OBSERVERS, SIZES, found_at, one, sweep

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.seeing.psychometrics import chance_correct, curve, fit, next_trial, simulate
from gradlab.seeing.thresholds import (
    accuracy_at,
    axes_of,
    doubts,
    headline,
    network_of,
    on_axis,
    see,
    sentence,
    size_range,
    size_text,
)
from gradlab.seeing.thresholds.answer import dots
from gradlab.types import (
    Answer,
    Answers,
    Design,
    Estimate,
    Observer,
    Rule,
    Scale,
)

# The network


def test_the_network_is_asked_for_what_people_see_after_rounding() -> None:
    network = network_of(sweep(), Rule.SIGN)
    assert network.rounded
    assert network.sizes == pytest.approx(SIZES)
    assert network.share == pytest.approx([0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    assert (network.clean.share, network.images) == (0.8, 400)
    before = network_of(sweep(rounded=False), Rule.SIGN)
    assert not before.rounded
    assert before.share == pytest.approx(network.share + 0.01)


def test_down_the_loss_the_epsilons_below_0_are_meant() -> None:
    network = network_of(sweep(), Rule.RAW, descend=True)
    assert network.sizes == pytest.approx(10 * SIZES)
    assert network.share == pytest.approx([0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96])


def test_a_size_that_was_measured_has_its_own_accuracy_and_wilson_interval() -> None:
    there = accuracy_at(network_of(sweep(), Rule.SIGN), 2 / 255)
    assert there is not None
    assert (there.share, there.between) == (0.5, None)
    # The Wilson interval of 200 of 400: centre 1/2, half width z · √(n/4 + z²/4) / (n + z²).
    half = 1.959963984540054 * math.sqrt(100 + 1.959963984540054**2 / 4) / (400 + 1.959963984540054**2)
    assert (there.low, there.high) == pytest.approx((0.5 - half, 0.5 + half))


def test_between_two_sizes_the_accuracy_is_straight_over_the_logarithm() -> None:
    network = network_of(sweep(), Rule.SIGN)
    middle = accuracy_at(network, math.sqrt(2 * 4) / 255)  # halfway from 2 to 4
    assert middle is not None
    assert middle.share == pytest.approx(0.45)
    assert middle.between == ((pytest.approx(2 / 255), 0.5), (pytest.approx(4 / 255), 0.4))
    assert middle.low < 0.45 < middle.high
    small = accuracy_at(network, 0.125 / 255)  # halfway from 0, where there is no logarithm
    assert small is not None
    assert small.share == pytest.approx(0.75)
    assert small.between == ((0.0, 0.8), (pytest.approx(0.25 / 255), 0.7))


def test_beyond_what_was_measured_nothing_is_said() -> None:
    assert accuracy_at(network_of(sweep(), Rule.SIGN), 33 / 255) is None
    assert accuracy_at(network_of(sweep(), Rule.SIGN), 32 / 255) is not None


def test_a_sweep_that_does_not_fit_is_refused() -> None:
    up = sweep()
    up = replace(up, curves=tuple(replace(c, epsilons=np.abs(c.epsilons)) for c in up.curves))
    with pytest.raises(BadValueError, match="an epsilon below 0"):
        network_of(up, Rule.SIGN, descend=True)
    with pytest.raises(UnknownNameError, match="rule of this sweep"):
        network_of(up, Rule.L2)


# The axes


def test_a_change_that_grows_as_a_power_of_the_step_is_carried_over_exactly() -> None:
    network = network_of(sweep(), Rule.RAW)
    sizes = np.geomspace(0.1, 320, 40) / 255  # from below the smallest one that was measured
    assert on_axis(network, "epsilon", sizes) == pytest.approx(sizes)
    assert on_axis(network, "l2", sizes) == pytest.approx(2 * sizes)
    assert on_axis(network, "psnr", sizes) == pytest.approx(-20 * np.log10(sizes / 10))
    assert on_axis(network, "ssim", sizes) == pytest.approx(1 - 8 * (sizes / 10) ** 2)


def test_beyond_what_was_measured_there_is_no_place_on_an_axis() -> None:
    network = network_of(sweep(), Rule.SIGN)
    for axis in ("l2", "psnr", "ssim"):
        assert np.isnan(on_axis(network, axis, np.array([40 / 255]))[0])


def test_an_axis_never_turns_back() -> None:
    network = network_of(sweep(), Rule.SIGN)
    bent = replace(network, levels={"l2": network.levels["l2"].copy(), "psnr": network.levels["psnr"].copy()})
    bent.levels["l2"][3] = bent.levels["l2"][2] * 0.9
    bent.levels["psnr"][3] = bent.levels["psnr"][2] + 1
    sizes = np.geomspace(0.5, 32, 200) / 255
    assert bool((np.diff(on_axis(bent, "l2", sizes)) >= 0).all())
    assert bool((np.diff(on_axis(bent, "psnr", sizes)) <= 0).all())


def test_where_nothing_changed_for_most_images_the_rest_is_used() -> None:
    network = network_of(sweep(), Rule.SIGN)
    still = replace(network, levels={"psnr": np.where(SIZES < 1.5 / 255, np.inf, network.levels["psnr"])})
    assert on_axis(still, "psnr", SIZES) == pytest.approx(network.levels["psnr"]), "20 dB a factor of ten"
    nothing = replace(network, levels={"ssim": np.ones(7)})
    assert bool(np.isnan(on_axis(nothing, "ssim", SIZES)).all())


def test_the_axes_are_those_that_the_sweep_measured() -> None:
    assert axes_of((network_of(sweep(), Rule.SIGN),)) == ("epsilon", "l2", "psnr", "ssim")
    assert axes_of((network_of(sweep(ssim=False), Rule.SIGN),)) == ("epsilon", "l2", "psnr")
    assert axes_of((None, network_of(sweep(), Rule.SIGN))) == ("epsilon",)
    with pytest.raises(BadValueError, match="measured ssim, got one without"):
        on_axis(network_of(sweep(ssim=False), Rule.SIGN), "ssim", SIZES)
    with pytest.raises(BadValueError, match="measured l2, got none"):
        on_axis(None, "l2", SIZES)


# The answers


def test_answers_are_gathered_by_size_and_none_is_lost() -> None:
    asked = [0.25, 0.25, 0.5, 1.0, 1.0, 1.0, 0.0]
    table = Answers(np.array(asked), np.array([0, 1, 1, 1, 1, 0, 1], bool), np.array([0, 0, 0, 0, 0, 1, 0], bool))
    found = dots([table])
    assert found.sizes == pytest.approx([0.25, 0.5, 1.0])
    assert (found.right.tolist(), found.answered.tolist()) == ([1, 1, 2], [2, 1, 2])
    many = Answers(np.geomspace(1, 100, 200), np.arange(200) % 4 > 0, np.zeros(200, bool))
    found = dots([many, many])
    assert len(found.sizes) == 10
    assert (found.answered.sum(), found.right.sum()) == (400, 300)
    assert found.sizes == pytest.approx(np.geomspace(1, 100, 21)[1::2], rel=0.02), "in the middle of ten even stretches"
    assert len(dots([]).sizes) == 0


def test_an_adaptive_test_finds_a_known_threshold_and_the_network_there() -> None:
    chance, answers = np.random.default_rng(12), list[Answer]()
    while trial := next_trial(DESIGN, 12, answers):
        right = chance.random() < chance_correct(OBSERVERS[trial.scale], trial)
        answers.append(Answer(trial.scale, trial.intensity, bool(right), trial.catch))
    found = see(DESIGN, [answers], sweep())
    assert [seen.rule for seen in found] == [Rule.SIGN, Rule.RAW]
    for seen in found:
        threshold = seen.fit.threshold
        assert threshold.value is not None
        assert threshold.low < OBSERVERS[seen.rule].threshold < threshold.high
        assert threshold == fit(Answers.of(answers, seen.rule), seen.fit.span).threshold
        assert seen.persons == (threshold,)
        assert (seen.fit.trials, seen.dots.answered.sum()) == (40, 40)
        # The accuracy falls by 10 % with each doubling: 60 % at 1/255, or at 10/255 of `raw`.
        doubled = math.log2(threshold.value * 255 / (1 if seen.rule == Rule.SIGN else 10))
        assert seen.at is not None
        assert seen.at.share == pytest.approx(0.6 - 0.1 * doubled)
        low, high = seen.ends
        assert low is not None
        assert high is not None
        assert low.share > seen.at.share > high.share
        assert seen.curve.middle == pytest.approx(curve(seen.fit).middle)


def test_several_people_have_a_median_a_spread_and_each_a_threshold() -> None:
    people = simulate(DESIGN, OBSERVERS, runs=8, seed=30)
    asked = []

    def alone(answers: Answers, span: tuple[float, float]) -> Estimate:
        asked.append(len(answers))
        return fit(answers, span).threshold

    seen, _ = see(DESIGN, people, sweep(), alone=alone)
    assert seen.fit.people == len(seen.persons) == 8
    assert len(asked) == 16
    assert seen.fit.spread is not None
    assert seen.fit.threshold.low < 3 / 255 < seen.fit.threshold.high
    assert seen.persons[2] == fit(Answers.of(people[2], "sign"), seen.fit.span).threshold


def test_who_answered_nothing_of_a_rule_does_not_count_for_it() -> None:
    person = simulate(DESIGN, OBSERVERS, seed=5)[0]
    signs = [row for row in person if row.catch or row.scale == "sign"]
    sign, raw = see(DESIGN, [person, [], signs], sweep())
    assert (sign.fit.people, raw.fit.people) == (2, 1)
    assert raw.fit.threshold == one(Rule.RAW).fit.threshold


def test_without_an_answer_nothing_is_known() -> None:
    for people in ([], [[]], [[Answer("sign", 0.5, True, catch=True)]]):
        seen, _ = see(DESIGN, people, sweep())
        assert (seen.fit.threshold.finding, seen.fit.trials, seen.persons) == ("unknown", 0, ())
        assert (seen.at, seen.ends) == (None, (None, None))
        assert sentence(seen) == "Nothing was answered for sign yet."


def test_a_scale_must_be_named_after_a_rule() -> None:
    with pytest.raises(BadValueError, match="named after a rule, one of sign, raw, .*, got 'blur'"):
        see(Design((Scale.spaced("blur", 1, 2),)), [])


# The sentence


def test_the_sentence_of_a_size_that_was_measured() -> None:
    assert sentence(found_at(2 / 255, 1 / 255, 4 / 255)) == (
        "You just see the noise at ε = 2/255 (sign; 1 to 4/255; median PSNR 42.1 dB on all test images measured). "
        "There the network is right on 50.0% of all 400 test images measured (45.1% to 54.9%, after rounding to 8 "
        "bit), against 80.0% clean. At the smaller end of that interval it is right on 60.0%, at the larger one on "
        "40.0%."
    )


def test_the_sentence_between_two_sizes_names_both() -> None:
    told = sentence(found_at(math.sqrt(8) / 255, 2 / 255, 4 / 255), you=False, name="the sign")
    assert told.startswith("This person just sees the noise at ε = 2.8/255 (the sign; 2 to 4/255;")
    assert "about 45.0% of all 400 test images measured (" in told
    assert "; between 50.0% at ε = 2/255 and 40.0% at ε = 4/255), against 80.0% clean" in told


def test_a_size_is_written_so_that_it_is_told_from_its_neighbours() -> None:
    assert "ε = 2.02/255 (sign;" in sentence(found_at(2.02 / 255, 1 / 255, 4 / 255))
    assert size_text(3.24 / 255, Rule.SIGN) == "3.2/255"
    assert size_text(0.0824, Rule.RAW, descend=True) == "−0.082"
    assert size_text(128 / 255, Rule.MAX) == "128/255"
    assert size_range(2.62 / 255, 4.1 / 255, Rule.SIGN, descend=True) == "−2.6 to −4.1/255"
    assert size_range(0.1, 0.25, Rule.L2) == "0.1 to 0.25"


def test_the_sentence_says_which_way_and_whether_it_was_rounded() -> None:
    network = network_of(sweep(rounded=False), Rule.SIGN, descend=True)
    told = sentence(found_at(2 / 255, 1 / 255, 4 / 255, network, descend=True))
    assert "ε = −2/255 (sign; −1 to −4/255;" in told
    assert "93.0% of all 400 test images measured (" in told
    assert ", before rounding to 8 bit)" in told


def test_of_an_upper_bound_the_sentence_says_what_is_not_known() -> None:
    assert sentence(found_at(None, 0, 1 / 255)) == (
        "You see noise that is smaller than ε = 1/255 (sign: the upper end of the 95% interval; the answers set no "
        "lower one). At ε = 1/255 (median PSNR 48.1 dB on all test images measured) the network is right on 60.0% of "
        "all 400 test images measured (55.1% to 64.7%, after rounding to 8 bit), against 80.0% clean; what it is at "
        "your threshold, which is smaller, is not known."
    )


def test_of_a_lower_bound_too() -> None:
    assert sentence(found_at(None, 8 / 255, math.inf), you=False) == (
        "This person does not reliably see noise up to ε = 8/255 (sign: the lower end of the 95% interval; the answers "
        "set no upper one). At ε = 8/255 (median PSNR 30.1 dB on all test images measured) the network is right on "
        "30.0% of all 400 test images measured (25.7% to 34.7%, after rounding to 8 bit), against 80.0% clean; what it "
        "is at the threshold, which is larger, is not known."
    )


def test_where_neither_is_known_the_sentence_says_so() -> None:
    seen = found_at(None, 0, math.inf)
    assert sentence(replace(seen, fit=replace(seen.fit, trials=1))) == (
        "From 1 answer to sign it cannot be told where you just see the noise: they set neither end of the interval."
    )


def test_the_observers_that_see_all_or_nothing_get_bounds() -> None:
    for threshold, finding in ((0.01 / 255, "below"), (1.0, "above")):
        observer = {"sign": Observer(threshold), "raw": Observer(threshold * 100)}
        for seen in see(DESIGN, simulate(DESIGN, observer, seed=3), sweep()):
            assert seen.fit.threshold.finding == finding
            assert seen.at is None
            assert (seen.ends[0] is None, seen.ends[1] is None) == (finding == "below", finding == "above")
            assert "is not known" in sentence(seen)


def test_beyond_the_sweep_the_sentence_says_so() -> None:
    far = found_at(40 / 255, 20 / 255, 60 / 255)
    assert sentence(far).endswith("That is beyond what was measured of the network on all 400 test images measured.")
    assert sentence(found_at(30 / 255, 20 / 255, 60 / 255)).endswith(
        "The larger end of that interval is beyond what was measured of the network."
    )
    assert sentence(found_at(None, 40 / 255, math.inf)).endswith(
        "The network was not measured there on all 400 test images measured."
    )


def test_without_a_sweep_the_sentence_is_of_people_alone() -> None:
    def alone(value: float | None, low: float, high: float, you: bool = True) -> str:
        return sentence(replace(found_at(value, low, high), network=None, at=None, ends=(None, None)), you)

    assert alone(2 / 255, 1 / 255, 4 / 255) == "You just see the noise at ε = 2/255 (sign; 1 to 4/255)."
    assert alone(2 / 255, 1 / 255, 4 / 255, you=False).startswith("This person just sees the noise at")
    assert alone(None, 0, 1 / 255).endswith("set no lower one).")
    assert alone(None, 1 / 255, math.inf).endswith("set no upper one).")


def test_of_several_people_the_sentence_speaks_of_the_median() -> None:
    seen = found_at(2 / 255, 1 / 255, 4 / 255)
    seen = replace(seen, fit=replace(seen.fit, people=12))
    assert sentence(seen, you=True).startswith("The median of 12 people just sees the noise at ε = 2/255 (sign;")


def test_the_headline_is_what_one_remembers() -> None:
    share = "There the network is right on {} % of all test images measured (clean 80 %)."
    found = found_at(2.02 / 255, 1 / 255, 4 / 255)
    assert headline(found, name="sign").startswith("Sign: you see it from 2/255. There the network is right on ")
    assert headline(found_at(2 / 255, 1 / 255, 4 / 255)) == f"Sign: you see it from 2/255. {share.format(50)}"
    assert headline(found_at(None, 0, 2 / 255)) == f"Sign: you see it already below 2/255. {share.format(50)}"
    assert (
        headline(found_at(None, 2 / 255, math.inf))
        == f"Sign: you cannot reliably see it up to 2/255. {share.format(50)}"
    )
    several = replace(found, fit=replace(found.fit, people=12))
    assert headline(several).startswith("Sign: the median of 12 people sees it from 2/255.")
    assert headline(replace(found, network=None, at=None)) == "Sign: you see it from 2/255."


# Doubts


def answered(missed: int, trials: int = 40) -> list[Answer]:
    """Answers to one rule, and ten catch trials."""
    asked = [Answer("sign", 4 / 255, True)] * trials
    return [*asked, *(Answer("sign", 0.2, n >= missed, catch=True) for n in range(10))]


def told(*people: list[Answer]) -> tuple[str, ...]:
    return doubts(see(replace(DESIGN, scales=DESIGN.scales[:1]), people))


def test_missed_catch_trials_put_attention_in_doubt() -> None:
    assert told(answered(0)) == told(answered(1)) == ()
    assert told(answered(2)) == (
        "2 of 10 catch trials, which anybody sees, were missed: your attention is in doubt, and with it the threshold.",
    )
    assert told(answered(0), answered(5), answered(1)) == (
        "1 of 3 people missed several of the catch trials, which anybody sees: their attention is in doubt.",
    )


def test_few_answers_are_said_to_be_few() -> None:
    (few,) = told(answered(0, trials=12))
    assert few == "Few answers (sign: 12): expect wide intervals, and thresholds that move with each further answer."
    (both,) = doubts(
        see(DESIGN, [[Answer("sign", 0.1, True), Answer("raw", 0.1, True)]]), names={Rule.RAW: "plain gradient"}
    )
    assert both.startswith("Few answers (sign: 1, plain gradient: 1):")
    assert told(answered(0, trials=20)) == ()
    assert told([]) == doubts([]) == ()
