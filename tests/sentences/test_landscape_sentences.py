"""What is said of a loss landscape, point by point: where it falls, rises, stays flat, and where the class changes."""

import math
import re
from collections import Counter

import numpy as np
from hypothesis import example, given
from overhearing import shown
from random_landscapes import NAMES, lines, planes
from random_results import checked, drawn
from reading import COUNT, EPSILON, NUMBER, SHARE, count, epsilon_of, read, says

from gradlab.figures.plane import loss_plane_figure
from gradlab.report import change_text, descent_text, shares_text, slope_text
from gradlab.types import LabelSource, LossLine, LossPlane, Rule
from gradlab.types.landscape import NOISE
from gradlab.ui.views.landscape import line_facts, plane_facts


def odds(loss: float) -> float:
    if loss > 30:
        return loss
    return math.log(math.expm1(loss)) if loss else -800.0


def higher(loss: float, other: float) -> bool:
    """By more than noise; nothing is higher than NaN, and NaN than nothing."""
    one, two = odds(loss), odds(other)
    return one - two > NOISE * max(1, abs(one), abs(two))


LOWEST = rf"Lowest loss (?P<loss>{NUMBER}|0) nats at ε = (?P<at>{EPSILON})"
ELSE = r"(?P<holes>, where it is a number)?\."
SENTENCES = {
    "nothing": r"For the clean image, or for every negative step, the network gives no number\.",
    "flat": rf"The loss stays flat{ELSE}",
    "none lower": rf"No negative step of this grid lowers the loss{ELSE}",
    "the end": rf"{LOWEST}, where the axis ends: it may fall further\.",
    "no more": rf"{LOWEST}; further out the network gives no number\.",
    "then flat": rf"{LOWEST}; further out it stays flat as far as the axis reaches{ELSE}",
    "below": rf"{LOWEST}; further out it rises again, but not above the clean loss as far as the axis reaches{ELSE}",
    "above": rf"{LOWEST}; further out it rises again, and at (?P<far>{EPSILON}) it is above the clean loss: "
    r"the step is too long\.",
}


def flat_line(loss: list[float]) -> LossLine:
    epsilons, values = np.arange(-(len(loss) // 2), len(loss) // 2 + 1) / 255, np.array(loss, np.float64)
    return LossLine(Rule.SIGN, 0, epsilons, values, np.zeros(len(loss), np.int32), 1.0)


@checked
@example(flat_line([0.5, 0.5, 1, 2, 3]))
@example(flat_line([1, 1, 1, 1, 1]))
@example(flat_line([0, 0, 0]))
@example(flat_line([1, math.nan, 0.5, 1, 1, 1, 1]))
@given(lines())
def test_the_descent(line: LossLine) -> None:
    text = descent_text(line)
    (kind,) = [name for name, pattern in SENTENCES.items() if re.fullmatch(pattern, text)]
    said = read(SENTENCES[kind], text)
    clean, outward = float(line.loss[line.middle]), line.loss[: line.middle][::-1].tolist()
    known = [loss for loss in outward if not math.isnan(loss)]
    assert (kind == "nothing") == (math.isnan(clean) or not known)
    if kind == "nothing":
        return
    assert ("holes" in said) == (len(known) < len(outward) and kind not in {"the end", "no more", "above"})
    lower, above = any(higher(clean, loss) for loss in known), any(higher(loss, clean) for loss in known)
    assert lower == (kind not in {"flat", "none lower"})
    if not lower:
        assert above == (kind == "none lower")
        return
    (place,) = [k for k, e in enumerate(line.epsilons[: line.middle][::-1]) if near(epsilon_of(said["at"]), e)]
    lowest, beyond = outward[place], [loss for loss in outward[place + 1 :] if not math.isnan(loss)]
    assert says(said["loss"], lowest)
    assert not any(higher(lowest, loss) for loss in known), "it is the lowest"
    assert not any(not higher(loss, lowest) for loss in outward[:place] if loss == min(known)), "and the first one"
    assert (kind == "the end") == (place == len(outward) - 1)
    assert (kind == "no more") == (place < len(outward) - 1 and not beyond)
    assert any(higher(loss, lowest) for loss in beyond) == (kind in {"below", "above"})
    over = [k for k, loss in enumerate(outward) if k > place and not math.isnan(loss) and higher(loss, clean)]
    assert bool(over) == (kind == "above")
    if over:
        assert near(epsilon_of(said["far"]), float(line.epsilons[line.middle - 1 - over[0]]))


def near(written: float, epsilon: float) -> bool:
    return abs(written - epsilon) <= 1e-3 * abs(epsilon)


@checked
@given(lines())
def test_where_the_class_changes(line: LossLine) -> None:
    said = line.predictions.tolist()
    for place, way in zip(line.changes, (-1, 1), strict=True):
        outward = range(line.middle + way, len(said) if way > 0 else -1, way)
        first = next((k for k in outward if said[k] != said[line.middle]), None)
        text = change_text(line, place, NAMES)
        if first is None:
            assert text == "The class does not change as far as the axis reaches."
        elif said[first] < 0:
            found = read(rf"The network first gives no number at ε = (?P<at>{EPSILON})\.", text)
            assert near(epsilon_of(found["at"]), float(line.epsilons[first]))
        else:
            found = read(rf"The class changes first at ε = (?P<at>{EPSILON}), to \*\*(?P<to>.+)\*\*\.", text)
            assert near(epsilon_of(found["at"]), float(line.epsilons[first]))
            assert found["to"] == NAMES[said[first]]


@checked
@given(lines())
def test_the_captions_of_a_line(line: LossLine) -> None:
    first, second = shown(line_facts, line, NAMES, LabelSource.PREDICTED)
    said = read(
        rf"Loss of \*\*(?P<of>.+)\*\*, which the network predicts for the clean image, for this one image, in nats, at "
        rf"(?P<points>{COUNT}) values of ε, evenly spaced within ±(?P<reach>{EPSILON}) \(.*\)\. Dashed: .* a slope "
        rf"of (?P<slope>{NUMBER}) nats per (?P<unit>1/255|unit of ε)\. Dotted: the clean loss, "
        rf"(?P<clean>{NUMBER}|nan) nats\. The strip: what the network says\. Of the clean image it says "
        r"\*\*(?P<says>.+)\*\*\.",
        first,
    )
    assert (said["of"], count(said["points"])) == (NAMES[line.label], len(line.epsilons))
    assert near(epsilon_of(said["reach"]), float(line.epsilons[-1]))
    assert says(said["slope"], line.slope / (255 if said["unit"] == "1/255" else 1))
    assert (said["unit"] == "1/255") == (line.rule.unit == "pixel")
    assert not said["slope"].startswith("−0") or line.slope < 0, "no minus before a zero"
    clean = float(line.loss[line.middle])
    assert said["clean"] == "nan" if math.isnan(clean) else says(said["clean"], clean)
    assert said["says"] == (NAMES[line.predictions[line.middle]] if line.predictions[line.middle] >= 0 else "no number")
    assert descent_text(line) in second


@drawn
@given(planes())
def test_how_much_of_a_plane_each_class_has(plane: LossPlane) -> None:
    (heat,) = [trace for trace in loss_plane_figure(plane, NAMES, 0.0).data if trace.type == "heatmap"]
    drawn = Counter(name for row in heat.text for name in row)
    cells = sum(drawn.values())
    text = shares_text(plane, NAMES)
    part = rf"(?P<share>{SHARE}) (?:(?P<rest>\d+) other class(?:es)?|(?P<name>.+))"
    parts = [read(part, one) for one in text.split(", ")]
    named = {part["name"]: part["share"] for part in parts if "name" in part}
    assert all(says(share, drawn[name] / cells) for name, share in named.items())
    left = {name: cells for name, cells in drawn.items() if name not in named}
    rest = [part for part in parts if "rest" in part]
    assert len(rest) == bool(left)
    for part in rest:
        assert int(part["rest"]) == len(left)
        assert says(part["share"], sum(left.values()) / cells)
        assert max(left.values()) <= min(drawn[name] for name in named if name != "no number")


OF_A_PLANE = (
    rf"Loss of \*\*(?P<of>.+)\*\*, the true class, for this one image, in nats; (?P<rows>{COUNT}) × "
    rf"(?P<columns>{COUNT}) cells, .* says: (?P<shares>.*?)\.(?: So far (?P<done>{COUNT}) of (?P<cells>{COUNT}) are "
    r"computed and stand for those near them\.)?"
)


@checked
@given(planes())
def test_the_captions_of_a_plane(plane: LossPlane) -> None:
    first, second = shown(plane_facts, plane, NAMES, LabelSource.TRUE)
    said = read(OF_A_PLANE, first)
    assert (said["of"], count(said["rows"]), count(said["columns"])) == (NAMES[3], *plane.loss.shape)
    assert said["shares"] == shares_text(plane, NAMES)
    assert ("done" in said) == (not plane.computed.all())
    if "done" in said:
        assert (count(said["done"]), count(said["cells"])) == (np.count_nonzero(plane.computed), plane.loss.size)
    slopes = read(
        r"r is random ±1 noise \(seed 4\).* the slope is (?P<along>.*) along d, (?P<across>.*) along r\.", second
    )
    assert slopes["along"] == slope_text(plane.slope, plane.rule)
    across = plane.slope_across if abs(plane.slope_across) > 1e-6 * abs(plane.slope) else 0.0
    assert slopes["across"] == slope_text(across, plane.rule)
