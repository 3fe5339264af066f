"""What the pages ask the backend for, kept between runs. Keyed by names, indices and numbers, never by tensors.

Sessions are threads of one process that share its devices: a lock for each lets them take turns, a chunk of work each.
What is kept is shared, so nobody may change it; that is also why it is kept as it is (`cache_resource`) and not copied
for each reader. It is kept for each device separately: two devices differ in the last digits.
"""

from gradlab.ui.cached.baselines import baseline, stored
from gradlab.ui.cached.devices import (
    Kept,
    device,
    device_lock,
    device_name,
    equal_l2,
    exploration,
    finer,
    first_places,
    keep,
    kept,
    line,
    model,
    stepped,
    track,
)
from gradlab.ui.cached.images import (
    batch,
    images_at_hand,
    load_few,
    load_one,
    most_images,
    only_a_sample,
    sample,
    sample_rows,
    showable,
    thumbnail,
)
from gradlab.ui.cached.networks import bring_network, own_networks
from gradlab.ui.cached.own import bring, own_pictures
from gradlab.ui.cached.seeing import answers, class_answers, deck, shown_sweep, threshold_alone
