"""How to cite gradlab and the paper that it grew from, and what stands under a figure of one image."""

import math

from gradlab.shipped import __version__
from gradlab.steps.epsilon import PIXEL_LEVELS, format_epsilon
from gradlab.types import UNKNOWN, Exploration, LabelSource, Rule, View

PAPER_BIBTEX = """\
@inproceedings{agarwal2020role,
  author    = {Agarwal, Akshay and Singh, Richa and Vatsa, Mayank},
  title     = {The Role of 'Sign' and 'Direction' of Gradient on the Performance of {CNN}},
  booktitle = {IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR) Workshops},
  year      = {2020},
}
"""
GRADLAB_BIBTEX = f"""\
@software{{gradlab,
  author  = {{{{the gradlab authors}}}},
  title   = {{gradlab: a laboratory for one-step gradient perturbations of images}},
  version = {{{__version__}}},
  year    = {{2026}},
  license = {{MIT}},
}}
"""


def figure_caption(  # noqa: PLR0913 - all that a reader has to know
    seen: Exploration, rule: Rule, epsilon: float, labels: LabelSource, *, images: str, place: int,
    classes: tuple[str, ...], network: str, weights: str, gain: float, rounded: bool = False,
    called: str = "test image", trained_on: str = "",
) -> str:  # fmt: skip
    """What a reader of the figure has to know, in sentences of plain text.

    Args:
        seen: the image before and after the step.
        rule: the direction.
        epsilon: the signed step, in the rule's unit.
        labels: which label the loss was taken for.
        images: the image set's title.
        place: the image's place in it.
        classes: the class names.
        network: its name.
        weights: the checksum of its weights; empty where there is none.
        gain: how many times stronger the noise is drawn.
        rounded: whether the image after the step is the one rounded to 8 bit.
        called: what such an image is called, as `gradlab.images.registry.called` has it.
        trained_on: what the network was trained on, in words; empty where nobody knows.
    """
    after = seen.rounded if rounded else seen.perturbed
    truth = "" if seen.label == UNKNOWN else f", true class {classes[seen.label]}"
    trained = f", trained on {trained_on}" if trained_on else ""
    of_file = f" (weights with the SHA-256 {weights[:12]}…)" if weights else ""
    psnr = after.measures["psnr"]
    return (
        f"One step along the gradient of a network. Left: {called} {place} of {images}{truth}; "
        f"{network} says {said(seen.clean, classes)}. Middle: the added noise, shown {gain:g} times stronger; grey is "
        f"no change. Right: the image after the step; {network} says {said(after, classes)}. "
        f"Network: {network}{trained}{of_file}. "
        f"Step: x' = clip(x + ε·d, 0, 1), kind of noise: {rule.row.words}, d = {rule.row.written}, ε = "
        f"{format_epsilon(epsilon, rule)} ({rule.unit.row.words})"
        f"{_gradient(rule, epsilon, labels, classes[seen.used_label])}. "
        f"Change{' after rounding to 8 bit' if rounded else ''}: L2 {after.measures['l2']:.4g}, L∞ "
        f"{after.measures['linf'] * PIXEL_LEVELS:.3g}/{PIXEL_LEVELS}, PSNR "
        f"{f'{psnr:.1f} dB' if math.isfinite(psnr) else '∞ (nothing changed)'}. "
        f"Made with gradlab {__version__}, after Agarwal, Singh and Vatsa, CVPR Workshops 2020."
    )


def said(view: View, classes: tuple[str, ...]) -> str:
    """The class that a network says, and how probable it finds it."""
    return f"{classes[view.prediction]} ({view.probabilities.max():.1%})"


_LABELS = {"true": "the true class", "predicted": "the class that the network says before the step"}


def _gradient(rule: Rule, epsilon: float, labels: LabelSource, used: str) -> str:
    if rule.row.control:
        return ", which knows nothing of the network"
    way = f"the step goes {'away from' if epsilon > 0 else 'towards'} it" if epsilon else "ε = 0 changes nothing"
    return f"; g is the gradient of the loss for {_LABELS.get(labels.kind, 'a target class')}, {used}: {way}"
