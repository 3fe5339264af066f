"""Can you see it, and can the network? From people's answers and a network's sweep to one figure and a sentence.

    found = see(design, [answers], sweep, shown=shown)     # one `Seen` for each rule of the design; numpy only
    print(sentence(found[0]))                              # "You just see the noise at ε = 3.2/255 (sign; ..."
    on_axis(found[0].measured, "psnr", sizes)              # where sizes of the step stand on another axis

What people see holds for the images that they were shown, on which a step is of usual size. So the network is asked
about these first, and then about all others, and each figure says which images it is of. For a protocol of
`gradlab.seeing.blind`, `shown` is

    batch = gradlab.load_batch(protocol.dataset, indices=protocol.places)
    gradlab.sweep(model, batch, protocol.rules, protocol.epsilons, labels=protocol.labels, eight_bit=True, ssim=True)

Everything is fitted over the size of the step, |epsilon| in the rule's own unit. Another axis is a matter of looking
up: the sweep's mean L2, median PSNR or mean SSIM at that size (`network`).
"""

from gradlab.seeing.thresholds.answer import see, threshold_alone
from gradlab.seeing.thresholds.network import SEEN_AXES, accuracy_at, axes_of, network_of, on_axis, visible_psnr
from gradlab.seeing.thresholds.parts import chosen_text
from gradlab.seeing.thresholds.sentences import (
    GUESSES,
    doubts,
    headline,
    sentence,
    size_range,
    size_text,
    threshold_text,
)  # fmt: skip
