"""Comparing: two networks or two kinds of noise, at an equal budget; and what counts as visible."""

MATCHES = {"l2": "mean L2", "epsilon": "step size ε"}

MATCHES_HELP = (
    "**mean L2**: an equal budget. gradlab first takes the measured point of the second curve whose mean L2 is "
    "nearest, on the same side of 0. A button then finds the ε at which both are equal. **step size ε**: the same "
    "number for both, where both have the same unit."
)

COMPARISONS = {"models": "two networks", "rules": "two kinds of noise", "transfer": "transfer"}

COMPARISONS_HELP = (
    "**two networks**: the same kind of noise on each. **two kinds of noise**: on one network. Both compare one image "
    "first, then all of them. **transfer**: noise made on one network, tested on another."
)

EQUALS_HELP = (
    "**L2**: gradlab finds the second ε so that both steps change this image by the same L2, after clipping. Below, a "
    "button does the same for the curves. **step size ε**: the same number for both, where both have the same unit."
)

FAIRNESS = {"direction": "direction", "allocation": "allocation", "average": "all kinds of noise, on average"}

FAIRNESS_HELP = (
    "**direction**: every step changes an image by the same amount, so only where they point differs. Plain gradient, "
    "L2 and max are one step then. **allocation**: the same direction at the same mean L2. The step is as long as the "
    "gradient (plain gradient), or equally long for all images (L2). **all kinds of noise, on average**: each over "
    "the change that it makes on average. Direction and allocation both differ there."
)

VISIBLE = {"40": "40 dB", "34": "34 dB", "seen": "what you saw"}

VISIBLE_HELP = (
    "An image with a lower PSNR counts as changed visibly, and so as not attacked. **40 dB** and **34 dB** are "
    "conventions: as much as 2.55/255 and 5.09/255 on every value. **what you saw**: the threshold that *See it?* "
    "measured last, in this session, as a PSNR of the images shown."
)

BUDGETS = {"l2": "L2", "linf": "L∞", "psnr": "PSNR", "ssim": "SSIM"}

BUDGETS_HELP = (
    "How to measure the change of an image. **L2**: its distance over all values. **L∞**: the value that moved most. "
    "Both are means over the images. **PSNR**: the median. **SSIM**, structural similarity: the mean."
)
