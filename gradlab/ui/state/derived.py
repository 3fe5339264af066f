"""What follows from several choices: the label source, the signed epsilon, and what sliders offer."""

from gradlab.steps.epsilon import default_grid, fine_grid, parse_epsilon
from gradlab.types import LabelSource, Rule
from gradlab.ui.state.choices import DOWN, UP, get, put


def label_source() -> LabelSource:
    """Which label the loss is taken for."""
    kind = str(get("labels"))
    return LabelSource.parse(f"target:{get('target')}" if kind == "target" else kind)


def epsilon(rule: Rule | None = None) -> float:
    """The signed step of a rule; of the current one, unless another is named."""
    size = float(get(f"size_{rule or get('rule')}"))
    return -size if get("direction") == DOWN and size else size


def put_epsilon(value: float, rule: Rule, *, exact: bool = False) -> None:
    """Set the signed step of a rule, and make it the current one.

    Args:
        value: in the rule's unit.
        rule: whose it is.
        exact: whether somebody typed this number, or a link named it: then nothing but a hand changes it.
    """
    if get("rule") != rule:  # which a page that has drawn the choice may not set
        put("rule", rule)
    put(f"size_{rule}", abs(value))
    put("moved", True)
    put("pinned", get("pinned") | {rule} if exact else get("pinned") - {rule})
    if value:
        put("direction", DOWN if value < 0 else UP)


def epsilon_text(value: float, rule: Rule) -> str:
    """Epsilon as text that `parse_epsilon` reads back to the same number: `8/255`, or plain."""
    text = f"{rule.unit.shown(value):g}{rule.unit.over}"
    return text if parse_epsilon(text) == value else repr(value)


def sizes(rule: Rule) -> list[float]:
    """What the slider of a rule offers: its grid, some steps between, and whatever is chosen now."""
    return sorted({abs(e) for e in fine_grid(rule)} | {float(get(f"size_{rule}"))})


def reaches(rule: Rule, stretch: float = 1.0) -> list[float]:
    """How far the axes of a landscape can reach: the sizes of the rule's grid, and whatever is chosen.

    Args:
        rule: whose step.
        stretch: by what the grid has to be multiplied to fit the image (`gradlab.steps.epsilon.stretch`).
    """
    sizes = {e * by for e in default_grid(rule) if e > 0 for by in (1.0, stretch)}
    return sorted(sizes | {float(get(f"reach_{rule}"))})
