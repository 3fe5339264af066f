"""What the pages say, in one place and in the words of the field."""

import re

from gradlab.statistics import EACH_ALONE
from gradlab.types import LabelSource, Rule, Unit

RULES: dict[Rule, str] = {rule: rule.row.words for rule in Rule}

RULE_HELP = "\n".join([
    "",
    r"How the gradient $g$ becomes the direction $d$ of the step $x' = \mathrm{clip}(x + \varepsilon d,\, 0,\, 1)$:",
    "",
    *(f"- **{rule.row.words}**: {rule.row.help}" for rule in Rule),
    "",
    "Equal epsilons are not equal budgets across rules: compare L2, L∞ or PSNR.",
    "",
])  # fmt: skip


def formula(rule: Rule) -> str:
    """The step of a rule, and what its letters mean."""
    letters = r"$g = \nabla_x\, \mathrm{loss}$"
    if rule.row.control:
        letters = "each value of $d$ is drawn by chance, the control"
    step = rf"$x' = \mathrm{{clip}}(x + \varepsilon \cdot {rule.row.formula},\, 0,\, 1)$"
    return f"{step}, where {letters}; ε in {UNITS[rule.unit]}"


LABELS = {"true": "true", "predicted": "predicted", "target": "target"}

DEVICE_HELP = (
    "Where the gradients and the networks are computed. Devices differ in the last digits of a float32, so what one "
    "has computed is computed anew on another; what was measured beforehand names its own."
)

LABELS_HELP = (
    "Which label the loss is taken for. **true**: the data set's label; the negative direction is then told the right "
    "answer. **predicted**: what the network itself says of the clean image; nothing is given away. **target**: one "
    "class for all images; the negative direction pulls every image towards it, a targeted attack."
)

# Climbing the loss of a label, and descending it.
_LABEL_NOTES = {
    "true": (
        "climbs the loss of the **true** label: away from the right answer.",
        "descends the loss of the **true** label: the step is told the right answer.",
    ),
    "predicted": (
        "climbs the loss of the **predicted** label: away from what the network believes, right or wrong.",
        "descends the loss of the **predicted** label: towards what the network believes, right or wrong; no answer is "
        "given away.",
    ),
    "target": (
        "climbs the loss of **{target}**, the target: away from that class, wherever it leads.",
        "descends the loss of **{target}**, the target, and pulls the image towards it: a targeted attack.",
    ),
}


def label_note(source: LabelSource, negative: bool, subject: str) -> str:
    """What a direction does with the label that the loss is taken for: a sentence about `subject`."""
    return f"{subject} {_LABEL_NOTES[source.kind][negative].format(target=source.target)}"


def step_note(source: LabelSource, epsilon: float, what: str) -> str:
    """What one step does to `what`, one image or several: nothing at epsilon 0, else `label_note` has it."""
    return label_note(source, epsilon < 0, "The step") if epsilon else f"Epsilon is 0: nothing is done to {what}."


def label_notes(source: LabelSource) -> str:
    """What both directions do with it: a line for each."""
    return f"{label_note(source, False, '**+**')}  \n{label_note(source, True, '**−**')}"


DIRECTIONS = {"up": "+ climb", "down": "− descend"}

DIRECTION_HELP = (
    "**+** climbs the loss (adversarial). **−** descends it: the paper's negative direction, which makes the network "
    "surer of the label, as long as the step is not too long."
)

BANDS = f"bands: {EACH_ALONE}"

UNITS: dict[Unit, str] = {unit: unit.row.words for unit in Unit}

AXES = {"epsilon": "epsilon", "l2": "achieved L2"}

AXES_HELP = (
    "**epsilon**: each rule in its own unit; equal epsilons are not equal budgets. **achieved L2**: the mean distance "
    "between the images before and after, with the sign of epsilon, so that the rules meet at equal budget."
)

ROUNDED_HELP = (
    "A second, thinner line for each rule: the same images after rounding to n/255, as a PNG stores them. Noise below "
    f"half a step is lost there. Where {' and '.join(f'*{rule.row.words}*' for rule in Rule if rule.row.alike)} step "
    "half a level, the line has a gap: each value then ends between two levels."
)

TWINS_HELP = (
    "Leave out the test images of which the train split has a near-duplicate, as Barz and Denzler (2020, ciFAIR) list "
    "them. A network has as good as seen these images."
)

HALFWAY = (
    "At this epsilon every value ends halfway between two levels of 8 bit, and float noise decides which it takes: the "
    "image after rounding is one of many, and no figure rests on it."
)

VIEWS = {
    "images": "Images",
    "classes": "Classes",
    "confusion": "Confusion",
    "flips": "Flips",
    "rules": "Rules compared",
    "measures": "Measures",
}

VIEWS_HELP = (
    "**Images** that the point is made of. **Classes**: the accuracy of each. **Confusion**: which class turned into "
    "which, in both directions. **Flips**: at which epsilon images change their class first. **Rules compared**: two "
    "rules on the same images, and the mean accuracy of each. **Measures**: by how much the images change, "
    "and from when on such a change is usually noticed."
)

MEASURES_HELP = (
    "No measure settles by itself whether a person sees a change: that depends on the picture, on how large it is "
    "shown, on the screen, the light and the eye. Values are in pixel units: black is 0 and white is 1."
)

LPIPS_ABSENT = (
    "LPIPS, a learned distance, is measured too once you have asked for it: `pip install 'gradlab[lpips]'`, then "
    "`gradlab measures --download-lpips`, which downloads 233 MB. Images below 31x31 pixels have none."
)

MATCHES = {"l2": "mean L2", "epsilon": "epsilon"}

MATCHES_HELP = (
    "**mean L2**: an equal budget. At first the point of the other rule, on the same side of 0, whose achieved mean L2 "
    "distance is nearest; a button solves for the epsilon at which it is the same. **epsilon**: where both rules have "
    "the same unit."
)

COMPARISONS = {"models": "two models", "rules": "two rules", "transfer": "transfer"}

COMPARISONS_HELP = (
    "**two models**: one rule against two networks. **two rules**: against one network. Both on one image, and over "
    "all of them. **transfer**: the images are perturbed on one network and classified by another."
)

EQUALS_HELP = (
    "**L2**: the second epsilon is found so that both steps change this image by the same L2 distance, after clipping; "
    "of the curves below, points of equal mean L2 are compared, once a button has solved for them. **epsilon**: the "
    "same number for both, where their unit is the same."
)

FAIRNESS = {"direction": "direction", "allocation": "allocation", "average": "all rules, on average"}

FAIRNESS_HELP = (
    "**direction**: on each image all steps change as much, so that only where they point differs; plain gradient, L2 "
    "and max are then one step. **allocation**: the same direction at the same mean L2, with a step as long as the "
    "gradient (plain gradient) or with one length for all images (L2). **all rules, on average**: each rule over the "
    "change that it makes on average; there direction and allocation differ both."
)

VISIBLE = {"40": "40 dB", "34": "34 dB", "seen": "what you saw"}

VISIBLE_HELP = (
    "From which change on an image counts as changed visibly: then it does not count as attacked. **40 dB** and "
    "**34 dB** are conventions, as much as 2.55/255 and 5.09/255 on every value. **what you saw**: the threshold that "
    "*See it?* measured last, in this session, as a PSNR of the images shown."
)

BUDGETS = {"l2": "L2", "linf": "L∞", "psnr": "PSNR", "ssim": "SSIM"}

BUDGETS_HELP = (
    "By what the change of the images is measured. **L2**, **L∞**: the mean distance between the images before and "
    "after, over all values and at the value that moved most. **PSNR**: the median; **SSIM**, structural similarity: "
    "the mean."
)

ROUNDED_ONLY_HELP = (
    "The accuracy on the same images after rounding to n/255, as a PNG stores them; the change is still that before "
    "rounding."
)

LIMIT_HELP = (
    "Test images, equally many of each class, drawn with a fixed seed. More images, narrower bands. **Measured "
    "beforehand**: the whole test split, shown at once; with fewer images the curve is computed now."
)

GALLERIES = {"many": "Many images", "one": "One image"}

GALLERIES_HELP = (
    "**Many images** under one step, to filter and sort. **One image** under every step of the grid: a row for each "
    "rule, a column for each epsilon. A click on a picture opens it on the page Explore."
)

SHOWS = {
    "all": "all",
    "flipped": "flipped: another class",
    "kept": "not flipped",
    "lost": "right before, wrong after",
    "won": "wrong before, right after",
    "right_before": "right before",
    "wrong_before": "wrong before",
    "right_after": "right after",
    "wrong_after": "wrong after",
}

SHOWS_HELP = (
    "What the network says before the step and after it. **Right** is the data set's label, whichever label the loss "
    "is taken for."
)

ORDERS = {
    "place": "place in the test split",
    "flip": "closest to the boundary first",
    "before": "least sure before the step first",
    "after": "least sure after the step first",
    "class": "true class",
}

ORDERS_HELP = (
    "**Closest to the boundary**: by the smallest epsilon of the grid, on the chosen side of 0, at which the class "
    "changes. **Least sure**: by the probability of the class that the network says, before the step or after it; "
    "both are computed anew, also where the classes were measured beforehand."
)

POOL_HELP = (
    "How many images of the embedded sample of test images, its first ones; the classes are mixed. More than that "
    "need more time, unless their classes were measured beforehand."
)

TRANSFER_LIMIT_HELP = (
    "Test images, equally many of each class, drawn with a fixed seed: each is perturbed on every network, and each of "
    "these classified by every network. More images, narrower intervals."
)


def psnr_text(psnr: float) -> str:
    """A PSNR in dB; ∞ where nothing changed."""
    return f"{psnr:.1f} dB" if psnr != float("inf") else "∞ (identical)"


def measured_beforehand(images: int) -> str:
    """What the choice of all images is called where their curves are shipped."""
    return f"all {images:,}, measured beforehand"


def marked(text: str) -> str:
    """One of our sentences in plain text, in which `names` stand between backticks."""
    return "`".join(part if n % 2 else plain(part) for n, part in enumerate(text.split("`")))


def plain(text: str) -> str:
    """Text that Streamlit shows as it is: text from a link is neither our Markdown nor an address to click on."""
    return re.sub(r"([\\`*_\[\]()<>!:$~#|])", r"\\\1", text.replace("://", ":\u2060//"))
