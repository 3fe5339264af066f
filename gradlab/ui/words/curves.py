"""Curves: their axes, what they rest on, and the views of one of their points."""

from gradlab.statistics import EACH_ALONE
from gradlab.types import Rule

DEVICE_HELP = (
    "This device computes the gradients and runs the networks. Devices differ in the last digits of a float32. So a "
    "new device computes everything anew. Results measured beforehand name their own device."
)

BANDS = f"bands: {EACH_ALONE}"

AXES = {"epsilon": "step size ε", "l2": "achieved L2"}

AXES_HELP = (
    "**step size ε**: each kind of noise in its own unit. The same ε is not the same change. **achieved L2**: how far "
    "the images moved on average, left of 0 for ε below 0. Here the kinds of noise meet at equal change."
)

ROUNDED_HELP = (
    "Adds a thinner line for each kind of noise: the same images as saved, with each value rounded to n/255. A PNG "
    "stores them so. Noise below half a level is lost. Where "
    f"{' and '.join(f'*{rule.row.words}*' for rule in Rule if rule.row.alike)} step half a level, the line has a gap: "
    "each value then ends between two levels."
)

ROUNDED_ONLY_HELP = (
    "The accuracy on the same images as saved, with each value rounded to n/255. A PNG stores them so. The change is "
    "still measured before rounding."
)

TWINS_HELP = (
    "Leaves out test images that have a near-duplicate in the train split (listed by Barz and Denzler 2020, ciFAIR). "
    "The network has as good as seen these images."
)

HALFWAY = (
    "At this ε every value ends halfway between two levels of 8 bit. Float noise then decides which level it takes. So "
    "the saved image is one of many, and no figure rests on it."
)

VIEWS = {
    "images": "Images",
    "classes": "Classes",
    "confusion": "Confusion",
    "flips": "Flips",
    "rules": "Two kinds of noise",
    "measures": "Measures",
}


def views_help(labelled: bool) -> str:
    """What each of the `VIEWS` is; without labels there is no accuracy."""
    counted = "accuracy" if labelled else "share of images that keep their class"
    each = "the accuracy of each class" if labelled else "of the images of each class, the share that keeps it"
    return (
        f"**Images**: some of the images at this point. **Classes**: {each}. **Confusion**: which class turned into "
        "which, in both directions. **Flips**: the first ε at which an image changes its class. **Two kinds of "
        f"noise**: compared on the same images, with the mean {counted} of each. **Measures**: how much the images "
        "change, and when people usually notice."
    )


MEASURES_HELP = (
    "No measure alone says whether a person sees a change. That depends on the picture, its size on the screen, the "
    "light and the eye. Values are in pixel units: black is 0 and white is 1."
)

LPIPS_ABSENT = (
    "To measure LPIPS too, a learned distance, run `pip install 'gradlab[lpips]'` and then `gradlab measures "
    "--download-lpips` (233 MB). It needs images of 31x31 pixels or more."
)


def limit_help(called: str, labelled: bool, ready: bool) -> str:
    """How many images.

    Args:
        called: what one is called.
        labelled: whether their classes are known, so that equally many of each can be drawn.
        ready: whether a curve of all of them was measured beforehand.
    """
    more = f"{_drawn(called, labelled)} More images give narrower bands."
    if not ready:
        return more
    return (
        f"{more} **Measured beforehand**: the whole test split, shown at once. With fewer images gradlab computes the "
        "curve now."
    )


def transfer_limit_help(called: str, labelled: bool) -> str:
    """The same of noise that is made on one network and tested on others."""
    return (
        f"{_drawn(called, labelled)} Each network makes noise for every image, and every network classifies the "
        "results. More images give narrower intervals."
    )


def _drawn(called: str, labelled: bool) -> str:
    return f"{called.capitalize()}s{', equally many of each class,' * labelled} drawn with a fixed seed."


def measured_beforehand(images: int) -> str:
    """What the choice of all images is called where their curves are shipped."""
    return f"all {images:,}, measured beforehand"
