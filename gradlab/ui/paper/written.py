"""How the page writes networks and points of curves."""

from gradlab.images.registry import image_set
from gradlab.paper import PAPER_MODEL, Point, median_psnr_text
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import SweepResult
from gradlab.ui import words

NOTHING = "–"


def network_name(model: str, dataset: str) -> str:
    """Both names."""
    return f"{model} on {image_set(dataset).title}"


PAPER_NETWORK = network_name(*PAPER_MODEL)


def unbroken(text: str) -> str:
    """The same, kept on one line."""
    return text.replace(" ", "\u00a0").replace("-", "\u2011")


def step_text(point: Point) -> str:
    """The rule and its epsilon, on one line; for clean images, that there was no step."""
    if point.rule is None:
        return "no step"
    return unbroken(f"{words.RULES[point.rule]},") + " " + unbroken(f"ε = {format_epsilon(point.epsilon, point.rule)}")


def psnr_text(point: Point) -> str:
    """The median PSNR."""
    return unbroken(text) if (text := median_psnr_text(point.psnr, point.l2)).endswith("dB") else text


def images_text(count: int, dataset: str) -> str:
    """How many images, and of how many there are."""
    spec = image_set(dataset)
    whole = spec.sizes["test"]
    return (
        f"all {whole:,} test images of {spec.title}"
        if count == whole
        else (f"{count:,} of the {whole:,} test images of {spec.title}")
    )


def made_on(result: SweepResult) -> str:
    """Where a result was computed, and how exactly: half a sentence."""
    return f"{result.seconds:,.0f} s on {result.device}, evaluated in {result.precision} ({result.software})"
