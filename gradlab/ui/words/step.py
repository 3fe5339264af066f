"""The step: its kind of noise, the label that it is taken for, and where it leads."""

from collections.abc import Iterable

from gradlab.types import LabelSource, Rule, Unit
from gradlab.ui.words.text import plain

RULES: dict[Rule, str] = {rule: rule.row.words for rule in Rule}

UNITS: dict[Unit, str] = {unit: unit.row.words for unit in Unit}

RULE_HELP = "\n".join([
    "",
    r"The step adds noise to the image: $x' = \mathrm{clip}(x + \varepsilon d,\, 0,\, 1)$. The kind of noise says how "
    r"the gradient $g$ becomes the direction $d$:",
    "",
    *(f"- **{rule.row.words}**: {rule.row.help}" for rule in Rule),
    "",
    "The same ε is not the same change for two kinds of noise. Compare them at equal L2, L∞ or PSNR.",
    "",
])  # fmt: skip


def formula(rule: Rule) -> str:
    """The step of a rule, and what its letters mean."""
    letters = r"$g = \nabla_x\, \mathrm{loss}$"
    if rule.row.control:
        letters = "chance draws each value of $d$ (the control)"
    step = rf"$x' = \mathrm{{clip}}(x + \varepsilon \cdot {rule.row.formula},\, 0,\, 1)$"
    return f"{step}, where {letters}; ε in {UNITS[rule.unit]}"


LABELS = {"true": "true class", "predicted": "predicted class", "target": "chosen class"}

_LABELS_HELP = {
    "": "The step takes the gradient of this class's loss. With ε above 0 it pushes the image away from the class; "
    "below 0 it pulls the image towards it.",
    "true": "**true class**: the data set's label. Below 0 the step is then told the right answer.",
    "predicted": "**predicted class**: what the network itself says of the clean image. This gives nothing away.",
    "target": "**chosen class**: one class for all images. Below 0 this is a targeted attack.",
}


def labels_help(offered: Iterable[str]) -> str:
    """What the choice among these `LABELS` is."""
    return " ".join(_LABELS_HELP[kind] for kind in ("", *offered))


DIRECTIONS = {"up": "away", "down": "towards"}

DIRECTION_HELP = (
    "**Away** (ε above 0) raises the loss of the class: this is the attack. **Towards** (ε below 0) lowers it: this is "
    "the paper's negative direction. It makes the network surer of the class, unless the step is too long."
)

# What the step leads away from, or towards.
_AIMS = {"true": "the right answer", "predicted": "what the network says", "target": "{target}"}

_LABEL_NOTES = {
    "true": (
        "leads away from the **true** class.",
        "leads towards the **true** class: it is told the right answer.",
    ),
    "predicted": (
        "leads away from the class that the network **predicted**, right or wrong.",
        "leads towards the class that the network **predicted**, right or wrong. It gives no answer away.",
    ),
    "target": (
        "leads away from **{target}**, the chosen class, to any other.",
        "leads towards **{target}**, the chosen class: a targeted attack.",
    ),
}


def aim(source: LabelSource) -> str:
    """What the step leads away from, or towards: `the right answer`."""
    return _AIMS[source.kind].format(target=plain(source.target))


def direction_title(source: LabelSource) -> str:
    """What the choice between `DIRECTIONS` is called."""
    return f"Away from or towards {aim(source)}"


def label_note(source: LabelSource, negative: bool, subject: str) -> str:
    """Where a direction leads, of the label that the loss is taken for: a sentence about `subject`."""
    return f"{subject} {_LABEL_NOTES[source.kind][negative].format(target=plain(source.target))}"


def step_note(source: LabelSource, epsilon: float, what: str) -> str:
    """What one step does to `what`, one image or several: nothing at epsilon 0, else `label_note` has it."""
    return label_note(source, epsilon < 0, "The step") if epsilon else f"ε is 0: nothing happens to {what}."


def label_notes(source: LabelSource) -> str:
    """Where both directions lead: a line for each."""
    above, below = "**Right of 0** (ε > 0) the step", "**Left of 0** (ε < 0) the step"
    return f"{label_note(source, False, above)}  \n{label_note(source, True, below)}"
