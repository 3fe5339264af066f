"""What the pages say, in one place and in the words of the field."""

from gradlab.types import LabelSource, Rule

RULES: dict[Rule, str] = {
    Rule.SIGN: "sign",
    Rule.RAW: "no sign",
    Rule.L2: "L2",
    Rule.MAX: "max",
    Rule.RANDOM: "random",
}

RULE_HELP = r"""
How the gradient $g$ becomes the direction $d$ of the step $x' = \mathrm{clip}(x + \varepsilon d,\, 0,\, 1)$:

- **sign**: $d = \mathrm{sign}(g)$. Every value moves by the same amount. Epsilon is in pixel units, shown as n/255.
- **no sign**: $d = g$, the gradient as it is. Epsilon multiplies it.
- **L2**: $d = g / \lVert g \rVert_2$. Epsilon is the length of the step.
- **max**: $d = g / \max|g|$. The value that matters most moves by epsilon.
- **random**: $d = \pm 1$ by chance: the control, noise that knows nothing.

Equal epsilons are not equal budgets across rules: compare L2, L∞ or PSNR.
"""

LABELS: dict[LabelSource, str] = {LabelSource.TRUE: "true", LabelSource.PREDICTED: "predicted"}

LABELS_HELP = (
    "Which label the loss is taken for. **true**: the data set's label; the negative direction is then told the right "
    "answer. **predicted**: what the network itself says of the clean image; nothing is given away."
)

LABELS_NOTE: dict[tuple[LabelSource, bool], str] = {
    (LabelSource.TRUE, False): "The step climbs the loss of the **true** label: away from the right answer.",
    (LabelSource.TRUE, True): "The step descends the loss of the **true** label: it is told the right answer.",
    (LabelSource.PREDICTED, False): (
        "The step climbs the loss of the **predicted** label: away from what the network believes, right or wrong."
    ),
    (LabelSource.PREDICTED, True): (
        "The step descends the loss of the **predicted** label: towards what the network believes, right or wrong."
    ),
}

DIRECTIONS = {"up": "+ climb", "down": "− descend"}

DIRECTION_HELP = (
    "**+** climbs the loss (adversarial). **−** descends it: the paper's negative direction, which makes the network "
    "surer of the label, as long as the step is not too long."
)

UNITS: dict[str, str] = {
    "pixel": "pixel units, n/255",
    "gradient": "times the gradient",
    "l2": "L2 distance",
}

AXES = {"epsilon": "epsilon", "l2": "achieved L2"}

AXES_HELP = (
    "**epsilon**: each rule in its own unit; equal epsilons are not equal budgets. **achieved L2**: the mean distance "
    "between the images before and after, with the sign of epsilon, so that the rules meet at equal budget."
)

ROUNDED_HELP = (
    "Round the perturbed images to n/255, as a PNG stores them, before they are measured and classified. Noise below "
    "half a step is lost."
)

LIMIT_HELP = "Test images, equally many of each class, drawn with a fixed seed. More images, narrower bands."
