"""The blind test: what is drawn and measured, and what the next question is."""

import math
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from helpers import CLASSES, SHAPE, Linear, counted_calls, random_batch
from torch import Tensor, nn

import gradlab
from gradlab.errors import BadValueError, UnknownNameError
from gradlab.measures import l2_distance, psnr
from gradlab.networks import ModelCard
from gradlab.networks import find_card as shipped_card
from gradlab.seeing.blind import Deck, Wish, ask, draw_protocol, prepare
from gradlab.seeing.blind.protocol import FAINT, MIDDLE, PLAIN, SHOWN, Way, usual
from gradlab.seeing.thresholds import network_of
from gradlab.steps.gradient import exact_gradient, loss_gradient
from gradlab.steps.perturb import direction, move, step, to_eight_bit
from gradlab.types import USUAL, Answer, Batch, LabelSource, Protocol, Question, Rule

BOTH = (Rule.SIGN, Rule.RAW)


def card(weights: str = "ab" * 32) -> ModelCard:
    return replace(shipped_card("alexnet", "cifar10"), name="linear", dataset="zoo", sha256=weights)


def model() -> nn.Module:
    return Linear().float()


def grey(count: int = 60) -> Batch:
    """Images of one grey: a step of k/255 along the sign moves every value by k levels, and no value is clipped."""
    return replace(random_batch(count), images=torch.full((count, *SHAPE), 128 / 255))


def drawn(batch: Batch | None = None, network: nn.Module | None = None, seed: int = 0, **wish: Any) -> Protocol:
    return draw_protocol(network or model(), card(), batch or grey(), Wish(**wish), seed=seed)


def deck(protocol: Protocol, batch: Batch | None = None) -> Deck:
    return prepare(protocol, model(), card(), batch or grey())


def answered(question: Question, correct: bool) -> Answer:
    return Answer(question.trial.scale, question.trial.intensity, correct, question.trial.catch)


def whole_test(cards: Deck, seed: int, correct: bool = True) -> list[Question]:
    """All questions to one who always answers alike."""
    asked: list[Question] = []
    while question := ask(cards, seed, [answered(one, correct) for one in asked]):
        asked.append(question)
    return asked


# ---- what is drawn


def test_the_levels_of_sign_are_whole_and_end_where_the_formula_says() -> None:
    # All values move by k/255: the PSNR is 20 log₁₀(255/k), at most 22 dB from k = 21 on, at most 14 dB from 51 on.
    (scale,) = drawn(rules=(Rule.SIGN,)).scales
    np.testing.assert_allclose(np.array(scale.levels) * 255, np.arange(1, 22))
    assert scale.catch * 255 == pytest.approx(51)


def test_the_levels_of_random_are_those_of_sign_where_nothing_is_clipped() -> None:
    sign, random = drawn(rules=(Rule.SIGN, Rule.RANDOM)).scales
    assert (sign.levels, sign.catch) == (random.levels, random.catch)


@pytest.mark.parametrize("rule", [Rule.RAW, Rule.L2, Rule.MAX])
def test_other_levels_span_what_the_median_psnr_says(rule: Rule) -> None:
    network, batch = model(), random_batch(200)
    protocol = drawn(batch, network, rules=(rule,))
    (scale,) = protocol.scales
    row = {place: k for k, place in enumerate(batch.indices.tolist())}
    rows = [row[place] for place in protocol.places]
    images = batch.images[rows]
    along = direction(exact_gradient(network, batch.images, batch.labels), rule)[rows]

    def median(size: float) -> float:
        return float(psnr(images, to_eight_bit(step(images, along, size))).median())

    assert len(scale.levels) == 32
    for size, target in ((scale.levels[0], FAINT), (scale.levels[-1], PLAIN), (scale.catch, 14.0)):
        assert median(size) <= target < median(size * (1 - 1e-6))


def test_the_same_seed_draws_the_same_and_another_draws_others() -> None:
    batch = random_batch(200)
    one, same, other = (drawn(batch, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert len(set(one.places)) == SHOWN
    assert set(one.places) < set(batch.indices.tolist())
    assert one.places != other.places


def test_what_is_asked_for_stands_in_the_protocol() -> None:
    options = {"method": "abx", "trials": 7, "width": 128, "smooth": True, "seconds": 0.5, "descend": True}
    protocol = drawn(rules=BOTH, labels=LabelSource.PREDICTED, **options)
    assert {name: getattr(protocol, name) for name in options} == options
    assert protocol.rules == BOTH
    assert protocol.labels == LabelSource.PREDICTED
    assert (protocol.dataset, protocol.model, protocol.weights) == ("zoo", "linear", "ab" * 32)


class Scaled(nn.Module):
    """An image's gradient is as large as its first pixel says: 10^(−4 · x), all else alike."""

    def forward(self, images: Tensor) -> Tensor:
        size = 10 ** (-4 * images[:, 0, 0, 0].detach())
        weight = torch.randn(SHAPE, generator=torch.Generator().manual_seed(0))
        weight[0, 0, 0] = 0
        weight -= weight.sum() / (weight.numel() - 1)
        weight[0, 0, 0] = 0
        total = (images * weight).flatten(1).sum(1) * size
        return torch.stack([total, -total, torch.zeros_like(total)], 1)


def test_images_are_drawn_that_the_step_changes_as_much_as_the_median_one() -> None:
    batch = grey(101)
    batch.images[:, 0, 0, 0] = torch.linspace(0, 1, 101).mul(255).round().div(255)
    batch = replace(batch, labels=torch.zeros_like(batch.labels))
    protocol = drawn(batch, Scaled(), rules=(Rule.RAW,))
    row = {place: k for k, place in enumerate(batch.indices.tolist())}
    rows = sorted(row[place] for place in protocol.places)
    # The gradients fall evenly from the first image to the last: the middle ones are meant.
    assert rows == list(range(rows[0], rows[0] + SHOWN))
    assert abs(np.mean(rows) - 50) < 4


def test_the_protocol_says_how_many_images_are_changed_alike() -> None:
    batch = grey(89)
    batch.images[:, 0, 0, 0] = torch.linspace(0, 1, 89).mul(255).round().div(255)
    batch = replace(batch, labels=torch.zeros_like(batch.labels))
    protocol = drawn(batch, Scaled(), rules=(Rule.RAW,))
    # The gradients fall by 80 dB over 88 images, 0.9 dB from one to the next: 4 on each side come within 4 dB.
    assert (protocol.looked, protocol.alike) == (89, 9)
    assert len(protocol.places) == SHOWN, "the nearest were taken"
    signs = drawn(grey(200), rules=(Rule.SIGN,))
    assert (signs.looked, signs.alike) == (200, 200), "all values of all images move alike"


def test_a_sweep_at_the_protocol_s_epsilons_is_of_what_people_are_shown() -> None:
    batch, network = random_batch(60), model()
    for descend in (False, True):
        protocol = drawn(batch, rules=BOTH, descend=descend)
        cards, row = deck(protocol, batch), {place: k for k, place in enumerate(batch.indices.tolist())}
        shown = batch.part([row[place] for place in protocol.places])
        result = gradlab.sweep(network, shown, protocol.rules, protocol.epsilons, eight_bit=True, precision="float32")
        assert result.indices.tolist() == list(protocol.places)
        for rule, scale in zip(BOTH, protocol.scales, strict=True):
            seen, way = network_of(result, rule, descend), cards.ways[rule]
            assert seen.sizes.tolist() == list(scale.levels)
            for size, share in zip(seen.sizes.tolist(), seen.share.tolist(), strict=True):
                frames = to_eight_bit(move(way.images, way.along, size))
                right = network(frames).argmax(1) == shown.labels
                assert share == float(right.double().mean()), (rule, size)


def test_of_images_that_are_changed_alike_the_first_are_drawn_not_the_nearest() -> None:
    batch = grey(200)
    noise = direction(torch.zeros_like(batch.images), Rule.RANDOM, indices=batch.indices)
    assert usual([Way(Rule.RANDOM, batch.images, noise)]) == (list(range(SHOWN)), 200)


@pytest.mark.parametrize("rules", [(Rule.RAW,), BOTH, (Rule.SIGN,), (Rule.L2,), (Rule.MAX,)])
def test_a_rule_that_never_changes_an_image_is_refused(rules: tuple[Rule, ...]) -> None:
    class Flat(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return images.flatten(1)[:, : len(CLASSES)] * 0

    with pytest.raises(BadValueError, match=rf"rule '{rules[0] if rules != BOTH else '(sign|raw)'}'.*median at inf"):
        drawn(network=Flat(), rules=rules)


def test_a_tiny_gradient_needs_a_huge_epsilon_and_gets_it() -> None:
    class Tiny(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            total = images.flatten(1).sum(1) * 1e-12
            return torch.stack([total, -total], 1)

    (scale,) = drawn(grey(), Tiny(), rules=(Rule.RAW,), labels=LabelSource.PREDICTED).scales
    # The gradient of the loss is ∓1e-12 in every value: all move alike, and 22 dB is a step of 20.26 levels or more.
    assert 20 < scale.levels[-1] * 1e-12 * 255 < 21
    assert math.isfinite(scale.catch)


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"rules": ()}, BadValueError, "rules, each once, got"),
        ({"rules": (Rule.SIGN, Rule.SIGN)}, BadValueError, "each once"),
        ({"labels": LabelSource("target", "unicorn")}, UnknownNameError, "unicorn"),
        ({"batch": replace(random_batch(9), dataset="ark")}, BadValueError, "images of zoo, got 9 of ark"),
    ],
)
def test_nonsense_is_refused(options: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        drawn(**options)


# ---- what is asked


def test_a_question_shows_the_image_and_the_step_as_eight_bits() -> None:
    batch, network = random_batch(60), model()
    protocol = drawn(batch, rules=BOTH, descend=True, trials=3)
    questions = whole_test(deck(protocol, batch), seed=5)
    row = {place: k for k, place in enumerate(batch.indices.tolist())}
    for question in questions:
        k = row[question.place]
        clean, label = batch.images[k : k + 1], batch.labels[k : k + 1]
        assert question.epsilon == -question.trial.intensity
        moved = step(clean, direction(loss_gradient(network, clean, label), question.trial.scale), question.epsilon)
        moved = to_eight_bit(moved)
        shown = question.frames.astype(np.float32).transpose(0, 3, 1, 2) / 255
        np.testing.assert_allclose(shown[question.right], moved[0], atol=1e-6)
        np.testing.assert_allclose(shown[1 - question.right], clean[0], atol=1e-6)
        assert question.l2 == pytest.approx(float(l2_distance(clean, moved)))
        assert question.psnr == pytest.approx(float(psnr(clean, moved)))
        assert question.frames.dtype == np.uint8


def test_with_abx_one_of_two_comes_again() -> None:
    for question in whole_test(deck(drawn(method="abx", rules=(Rule.SIGN,), trials=20)), seed=3, correct=False):
        a, b, x = question.frames
        assert np.array_equal(x, (a, b)[question.right])
        assert not np.array_equal(x, (b, a)[question.right])


def test_the_same_question_again_after_the_same_answers() -> None:
    cards = deck(drawn(trials=10))
    asked = whole_test(cards, seed=8)
    again = ask(deck(cards.protocol), 8, [answered(one, True) for one in asked[:5]])
    assert again is not None
    assert again.trial == asked[5].trial
    assert (again.place, again.right) == (asked[5].place, asked[5].right)
    np.testing.assert_array_equal(again.frames, asked[5].frames)
    assert len(asked) == 20 + 20 // 8
    assert ask(cards, 8, [answered(one, True) for one in asked]) is None


def test_one_backward_pass_serves_all_questions() -> None:
    network = model()
    protocol = drawn(trials=10)
    with counted_calls(network) as calls:
        whole_test(prepare(protocol, network, card(), grey()), seed=1)
    assert calls == {"forward": 1, "backward": 1}


def test_no_image_comes_twice_in_a_row_and_all_come_before_any_again() -> None:
    batch = random_batch(9)
    protocol = drawn(batch, trials=20)
    for seed in range(20):
        places = [question.place for question in whole_test(deck(protocol, batch), seed)]
        assert all(one != other for one, other in pairwise(places))
        for start in range(0, len(places) - 9, 9):
            assert len(set(places[start : start + 9])) == 9


def test_order_and_sides_do_not_depend_on_what_was_answered() -> None:
    cards = deck(drawn(trials=12))
    right, wrong = whole_test(cards, 4), whole_test(cards, 4, correct=False)
    assert [(one.place, one.right, one.trial.scale) for one in right] == [
        (one.place, one.right, one.trial.scale) for one in wrong
    ]
    assert [one.trial.intensity for one in right] != [one.trial.intensity for one in wrong]


@pytest.mark.parametrize("method", ["2ifc", "abx"])
def test_the_right_side_is_even_and_tied_to_nothing_that_is_shown(method: Any) -> None:
    """Over many people: with the trial's number, the last answer's side, the image and, in ABX, the changed one."""
    cards = deck(drawn(method=method, trials=4))
    tables: dict[str, Counter[tuple[Any, int]]] = {name: Counter() for name in ("number", "last", "image", "changed")}
    for seed in range(400):
        last = 0
        for question in whole_test(cards, seed):
            tables["number"][question.trial.number, question.right] += 1
            tables["last"][last, question.right] += 1
            tables["image"][question.place % 2, question.right] += 1
            if method == "abx":
                flat = (question.frames == 128).all((1, 2, 3))
                tables["changed"][bool(flat[0]), question.right] += 1
            last = question.right
    for name, table in tables.items():
        for key in {key for key, _ in table}:
            total = table[key, 0] + table[key, 1]
            # Four standard deviations of a fair coin.
            assert abs(table[key, 0] - total / 2) < 2 * math.sqrt(total), (name, key)


def test_other_weights_are_refused() -> None:
    with pytest.raises(BadValueError, match=r"sha256 abababababab….*got 000000000000…"):
        prepare(drawn(), model(), card("0" * 64), grey())


def test_a_batch_without_the_images_is_refused() -> None:
    with pytest.raises(BadValueError, match="expected the images"):
        prepare(drawn(), model(), card(), replace(grey(), indices=torch.arange(60)))


def test_answers_of_another_test_are_refused() -> None:
    cards = deck(drawn(rules=(Rule.SIGN,)))
    with pytest.raises(BadValueError, match="'raw'"):
        ask(cards, 1, [Answer("raw", 1.0, True)])


# ---- with the shipped networks


@pytest.mark.parametrize(("name", "dataset"), [("alexnet", "svhn"), ("resnet9", "fashion_mnist")])
def test_a_network_whose_gradients_vanish_can_be_tested(name: str, dataset: str) -> None:
    batch = gradlab.load_batch(dataset, limit=2000, source="sample")
    network, its = gradlab.load_model(name, dataset, device="cpu"), shipped_card(name, dataset)
    protocol = draw_protocol(network, its, batch, Wish(trials=5))
    cards = prepare(protocol, network, its, batch)
    for rule, scale in zip(BOTH, protocol.scales, strict=True):
        assert 2 <= len(scale.levels) <= 32
        assert scale.catch > scale.levels[-1]
        middle = cards.ways[rule].noise(scale.catch)
        assert float(middle.max()) < PLAIN + 2 * USUAL, "anybody sees each catch trial"
    assert MIDDLE > PLAIN
    assert [question.frames.shape[1] for question in whole_test(cards, 0)] == [batch.images.shape[2]] * 11
