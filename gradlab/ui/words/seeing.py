"""What the page *See it?* says, and the figure of what people see."""

from gradlab.seeing.psychometrics import AT_LEAST
from gradlab.seeing.thresholds import GUESSES
from gradlab.types import USUAL

AXES = {"epsilon": "step size ε", "l2": "mean L2", "psnr": "median PSNR", "ssim": "mean SSIM"}

AXES_HELP = (
    "**step size ε**: each kind of noise in its own unit. **mean L2**, **median PSNR**, **mean SSIM**: how much the "
    "images shown change at that ε. So the kinds of noise meet at equal change. If the network was not asked about "
    "the images shown, the values are those of all measured images. Values between two measured ε are interpolated "
    "over the logarithm of ε. More change is further right."
)

BARS = "Bands and bars: 95 % intervals"
LEVELS = "Level lines in the same dashes: clean accuracy"

NETWORKS = (
    "The network's bands are 95 % Wilson intervals, each for one curve alone. What people see holds for the images "
    "shown; on others the same ε is another change."
)
SURER = (
    "The size of a gradient depends on how sure the network is. So on the images shown, which change by a usual "
    "amount, the clean accuracy differs too."
)
CHANGES = (
    "Mean L2, median PSNR and mean SSIM are before rounding, interpolated over the logarithm of ε. Under the plain "
    "gradient images change by very different amounts, so mean and median tell different things."
)

MEASURE_NETWORK_HELP = (
    "Nothing was measured beforehand for the class and the direction of this study. gradlab asks the network about "
    "images as saved (8 bit), as people see them. You can stop it and keep what is done."
)

_METHOD = (
    "The threshold is where 75 % of the answers are right, lapses included. Chance alone gives 50 %. The solid line is "
    "a Weibull function, fitted over the size of ε by Bayes' rule with a weak prior, with its pointwise 95 % band. It "
    "allows for lapses, and for people who stop attending before the end. Dots show the answers, larger where there "
    "are more. From five answers on a dot has a 95 % interval: "
)

ONE_PERSON = (
    _METHOD + "Wilson's. The bar at 75 % is the threshold's 95 % interval. An arrow means that this end is open."
)

PEOPLE = _METHOD + (
    "a bootstrap over people, because answers of one person belong together, and at least Wilson's. The threshold of "
    "several people is that of the median person. The bar at 75 % is its 95 % interval. An arrow means that this end "
    "is open. Each person has a lapse rate of their own. Thin marks at the bottom show each person's own threshold, "
    "where their answers set one. People differ by the given factor, one standard deviation. gradlab leaves out people "
    f"who seem to guess: after {AT_LEAST} answers or more, theirs (catch trials included) are {GUESSES}. The switch "
    "above the figure counts them too."
)

GUESSERS_HELP = (
    f"Some people's answers (catch trials included) are {GUESSES}. Threshold, curve and dots leave these people out. "
    "**On**: they count as if they saw. Then a single careless person widens the interval."
)

TASKS = {"2ifc": "which is changed", "abx": "ABX"}

TASKS_HELP = (
    "**Which is changed**: two images, one of them changed (2IFC, two-interval forced choice). **ABX**: A and B, one "
    "of them changed, and X, a copy of one of the two. Which one is X? You need not know what a change looks like."
)

TIMES = {"none": "no limit", "0.5": "0.5 s", "1": "1 s", "2": "2 s"}

TIMES_HELP = (
    "**No limit**: you see the images side by side until you answer. With a limit you see one after the other in the "
    "same place, each for this long, with grey between them. Then you answer."
)

WIDTH_HELP = (
    "In CSS pixels: a screen has about 96 to the inch. On a narrower screen the image is as wide as fits. "
    "Photographs are shown at their own size or at whole multiples of it."
)

SMOOTH_HELP = "Off: each pixel of the image is a square. On: the browser blends between the pixels."

TRIALS_HELP = (
    "**10**: a first impression, mostly only a bound. **20**: a threshold in two of three tests. **40**: a threshold "
    "with an interval."
)

TESTED_HELP = "The test mixes their trials and does not tell you which kind of noise you see."

WHO = {"alone": "On my own", "class": "With a class"}

WHO_HELP = (
    "**On my own**: you take the test, here and now. **With a class**: you open a study. Others join with a code on "
    "their phones, and the curve of all their answers grows on this screen."
)

OWN = "You take it on your own: what you have brought yourself, nobody else can be shown."

CLASS_INTRO = (
    "Open a study, and show its page for the projector to the class. All take the same test on their phones, each with "
    "their own images and step sizes. The curve of all answers grows there."
)

CLASS_KEPT = (
    "This server keeps answers and random numbers: no names, no addresses. The page of your study has an address of "
    "its own. Whoever has it can close, export and delete the study. So keep it, and do not show it. The page for the "
    "projector has another address, which only shows."
)

ONLY_HERE = (
    "Phones cannot open this address: it always means the machine that opens it. Serve the class with\n\n"
    "`streamlit run dashboard.py --server.address 0.0.0.0`\n\n"
    "and open this page under this machine's own name or number in the network. The link and the QR code take their "
    "address from the browser's bar."
)

JOIN_STEPS = (
    "Scan the QR code, or open the address and type the code. You will compare images. One of them has noise made from "
    "a network's gradient. It takes about two minutes. We only keep a random number of you."
)

CLOSE_HELP = (
    "A closed study takes no more people and no more answers, not even from tests under way. All answers so far stay. "
    "**You cannot open a closed study again.**"
)

EXPORT_HELP = "All answers, one row each. Random numbers stand for people."

JOIN_ROOM = (
    "Hold your phone as you usually do, and keep that distance. Make the screen as bright as paper beside it. Switch "
    "off night colours."
)

JOIN_KEPT = "We keep your answers and a random number: no name, no address. You can delete them at any time."

INTRO = {
    "2ifc": (
        "You will see two images at a time. One of them has noise made from the network's gradient. Say which one. If "
        "you see no difference, guess."
    ),
    "abx": (
        "You will see three images at a time: A, B and X. A or B has noise made from the network's gradient, and X is "
        "the same as one of the two. Say which one. If you see no difference, guess."
    ),
}

STEPS = (
    "The noise gets weaker while you are right, and stronger when you are wrong, until the test knows from which "
    "strength you see it. It does not tell you whether you were right."
)

ROOM = (
    "Sit as you usually do, at about an arm's length, and keep that distance. Avoid reflections on the screen. Make it "
    "as bright as paper beside it. Switch off night colours."
)

KEPT = "This server keeps your answers and a random number: no name, no address. You can delete them at any time."

IMAGES = (
    "The test shows images that these kinds of noise change by a usual amount, a PSNR within "
    f"{USUAL:g} dB of the median image's. If there are more than the test needs, chance picks some. If there are "
    "fewer, the test takes the nearest, and the result says so. gradlab first measures how strong the noise has to be."
)


def rests_on(width: int, seconds: float | None) -> str:
    """What a person's answers rest on, besides the images."""
    limit = "as long as you wanted" if seconds is None else f"for {seconds:g} s each"
    return f"You saw the images {width} px wide, {limit}. Another width, distance or screen gives another threshold."
