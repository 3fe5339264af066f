"""What the page Explore says, on its first screen above all: for somebody who has never seen a gradient."""

from gradlab.paper import CONVENTIONS
from gradlab.types import UNKNOWN, Exploration, LabelSource, Rule, Track

EQUAL_HELP = (
    "On: another kind of noise changes this image by as much as the one before, measured as an L2 distance, so that "
    "only the kind differs. Off: each kind keeps the step size that it had. A step size that you typed, or that a link "
    "brought, is never changed."
)
EQUAL = "Another kind of noise will change this image by as much."
UNEQUAL = "Each kind of noise keeps its own step size: how much they change the image is not the same."

NOISES = {"colour": "as it was added", "signed": "darker or brighter"}
NOISES_HELP = (
    "**As it was added**: grey is no change, each colour is shown as it was added. **Darker or brighter**: the mean "
    "over the colours; blue is darker, red is brighter, white is no change."
)

# From this PSNR on, in dB: how a change of an image is usually judged.
JUDGED = (
    (CONVENTIONS["40"], "usually not seen"),
    (CONVENTIONS["34"], "hard to see"),
    (0.0, "easy to see"),
)
JUDGED_BY = (
    "From 40 dB on a change is usually taken for invisible, below 34 dB for visible: conventions, not measurements. "
    "The page See it? measures what you see."
)


def ends(source: LabelSource) -> tuple[str, str]:
    """What the two ends of the slider are called: where epsilon is below 0, and where it is above."""
    if source.kind == "target":
        return f"towards {source.target}", f"away from {source.target}"
    of = "the right answer" if source.kind == "true" else "what the network says"
    return f"towards {of}", f"away from {of}"


def invitation(seen: Exploration, classes: tuple[str, ...], source: LabelSource) -> str:
    """What stands at the handle while epsilon is 0."""
    said = classes[seen.clean.prediction]
    if source.kind == "target":
        return f"Drag the handle to the left until the network says {source.target}."
    if source.kind == "true" and seen.label not in (UNKNOWN, seen.clean.prediction):
        return f"The network says {said}: wrong. Drag to the left until it says {classes[seen.label]}."
    return f"Drag the handle to the right until the network no longer says {said}."


def judged(own: float | None) -> tuple[tuple[tuple[float, str], ...], str]:
    """PSNRs in dB, each with what is said from it on, largest first; and what that rests on.

    Args:
        own: from what PSNR downwards this person saw a change in the blind test; None where they took none.
    """
    if own is None:
        return JUDGED, JUDGED_BY
    return ((own, "you would not see it"), (0.0, "you would see it")), f"Your own threshold in See it?, {own:.1f} dB."


def tiny(track: Track, label: int, rule: Rule, reaching: str = "the slider reaches") -> str:
    """Why a step along the gradient itself needs a large epsilon, or does nothing; empty where it does not.

    Args:
        track: of the image.
        label: the class whose loss the gradient is of.
        rule: the kind of noise.
        reaching: what has room for such a step.
    """
    if rule is not Rule.RAW:
        return ""
    if not track.direction.any():
        return "The gradient of this image is 0: no step along it changes anything."
    sure = float(track.probabilities[track.epsilons == 0][0][label])
    what = f"{track.gradient_l2:.2g} nats per pixel unit"
    if track.stretch > 1:
        return (
            f"The network is so sure ({_nearly(sure)}) that the gradient is tiny: its L2 norm is {what}. The plain "
            f"gradient therefore needs a large ε, and {reaching} {track.stretch:,.0f} times as far as usual."
        )
    return ""


def _nearly(share: float) -> str:
    """A share near 1 with the digits in which it differs from it."""
    return "as good as 100%" if share >= 1 - 1e-7 else f"{share:.6%}" if share > 0.9999 else f"{share:.2%}"
