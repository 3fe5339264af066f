"""What the page *See it?* says, and the figure of what people see."""

from gradlab.seeing.psychometrics import AT_LEAST
from gradlab.seeing.thresholds import GUESSES
from gradlab.types import USUAL

AXES = {"epsilon": "epsilon", "l2": "mean L2", "psnr": "median PSNR", "ssim": "mean SSIM"}

AXES_HELP = (
    "**epsilon**: each rule in its own unit. **mean L2**, **median PSNR**, **mean SSIM**: by how much the images shown "
    "change at that epsilon (where the network was asked about them; else all that it was measured on), so that the "
    "rules meet; interpolated over the logarithm of epsilon. What changes more stands further to the right."
)

NETWORKS = (
    "Bands: 95 % Wilson intervals, each for its curve alone; level lines in the same dashes: clean accuracy. What "
    "people see holds for the images shown; on others the same epsilon is another change. How large a gradient is goes "
    "with how sure the network is, so that on images of usual change its clean accuracy is another, too. Mean L2, "
    "median PSNR and mean SSIM are before rounding, interpolated over the logarithm of epsilon; where images change by "
    "different amounts, as under the plain gradient, the mean and the median tell different things."
)

MEASURE_NETWORK_HELP = (
    "With the labels and the direction of this study nothing was measured beforehand. The accuracy is taken after "
    "rounding to 8 bit, as people see the images; it can be stopped, and what is done is shown."
)

_METHOD = (
    "The threshold is where 75 % of the answers are right, lapses included; 50 % are right by chance. Solid, with its "
    "pointwise 95 % band: a Weibull function, fitted over the size of epsilon by Bayes' rule with a weak prior, which "
    "allows for lapses, and for people who stop attending before the end. Dots: the answers, larger where there are "
    "more; from five answers on with a 95 % interval, "
)

ONE_PERSON = _METHOD + "Wilson's. The bar at 75 % is the threshold's 95 % interval; an arrow means that it is open."

PEOPLE = _METHOD + (
    "a bootstrap over people, since the answers of one hang together, and at least Wilson's. Of several people the "
    "threshold is that of the median one; the bar at 75 % is its 95 % interval, an arrow means that it is open. Each "
    "person has a lapse rate of their own. Thin marks at the bottom: each person's own threshold, where their answers "
    "set one. People differ by the given factor, one standard deviation. Left out, unless the switch above the figure "
    f"counts them too: people whose answers, including those to catch trials, are {GUESSES}, from {AT_LEAST} answers "
    "on."
)

GUESSERS_HELP = (
    f"People whose answers, including those to catch trials, are {GUESSES} are left out of threshold, curve and dots. "
    "**On**: they are counted as if they saw; a single careless one then widens the interval."
)

TASKS = {"2ifc": "which is changed", "abx": "ABX"}

TASKS_HELP = (
    "**Which is changed**: two images, one of them changed (2IFC, two-interval forced choice). **ABX**: A and B, one "
    "of them changed, and X, which is one of the two: which? You need not know what a change looks like."
)

TIMES = {"none": "no limit", "0.5": "0.5 s", "1": "1 s", "2": "2 s"}

TIMES_HELP = (
    "**No limit**: the images stand side by side until you answer. With a limit they are shown one after the other in "
    "the same place, each for so long, grey between them; then you answer."
)

WIDTH_HELP = "In CSS pixels, of which a screen has about 96 an inch; on a screen that is narrower, as wide as fits."

SMOOTH_HELP = "Off: each pixel of the image is a square. On: the browser blends between the pixels."

TRIALS_HELP = (
    "For each rule. **10**: a first impression, mostly only a bound. **20**: a threshold in two of three tests. "
    "**40**: a threshold with an interval."
)

TESTED_HELP = "Their trials are mixed; you are not told which rule made a change."

WHO = {"alone": "On my own", "class": "With a class"}

WHO_HELP = (
    "**On my own**: you take the test, here and now. **With a class**: you open a study, which others join with a code "
    "on their phones, and the curve of all their answers grows on this screen."
)

CLASS_INTRO = (
    "Open a study, and show this page to the class: all take the same test on their phones, each with images and sizes "
    "of their own, and the curve of all answers grows here."
)

CLASS_KEPT = (
    "Kept on this server are answers and random numbers: no names, no addresses. The page of your study has an address "
    "of its own: whoever has it may close, export and delete the study. Keep it, and do not hand it out."
)

ONLY_HERE = (
    "This address leads phones nowhere: it means the machine that it is opened on. Serve the class with\n\n"
    "`streamlit run dashboard.py --server.address 0.0.0.0`\n\n"
    "and open this page under this machine's own name or number in the network: the link and the QR code take the "
    "address from the browser's bar."
)

JOIN_STEPS = (
    "Scan the QR code, or open the address and type the code. You will compare images, one of which was changed by a "
    "step along a network's gradient; it takes about two minutes, and all that is kept of you is a random number."
)

CLOSE_HELP = (
    "It takes no more people and no more answers, those of tests that are under way among them. What was answered "
    "stays. **A study that is closed cannot be opened again.**"
)

EXPORT_HELP = "All answers, one row each; people have random numbers in it."

JOIN_ROOM = (
    "Hold your phone as you usually do, and keep that distance. Make the screen as bright as paper beside it, and "
    "switch off night colours."
)

JOIN_KEPT = (
    "Only a random number is kept of you, with your answers: no name, no address. You can delete them at any time."
)

INTRO = {
    "2ifc": (
        "You will see two images at a time, one of them changed by a step along the network's gradient. Say which one; "
        "where you see no difference, guess."
    ),
    "abx": (
        "You will see three images at a time: A and B, one of them changed by a step along the network's gradient, and "
        "X, which is the same as one of the two. Say which; where you see no difference, guess."
    ),
}

STEPS = (
    "The steps become smaller as long as you are right, and larger when you are not, until it is known from which size "
    "on you see them. You are not told whether you were right."
)

ROOM = (
    "Sit as you usually do, at about an arm's length, and keep that distance. Nothing should be mirrored in the "
    "screen; make it as bright as paper beside it, and switch off night colours."
)

KEPT = "Kept on this server are your answers and a random number: no name, no address. You can delete them at any time."

IMAGES = (
    "The images are from the embedded sample: those on which the steps of these rules are of usual size, a PSNR within "
    f"{USUAL:g} dB of the median image's. Where more of them are found than are shown, those shown are drawn at "
    "random; where fewer, the nearest are taken, and the result says so. How large the steps have to be is measured "
    "first."
)


def rests_on(width: int, seconds: float | None) -> str:
    """What a person's answers rest on, besides the images."""
    limit = "for as long as you wanted" if seconds is None else f"for {seconds:g} s each"
    return f"The images were shown {width} px wide, {limit}. Another width, distance or screen gives another threshold."
