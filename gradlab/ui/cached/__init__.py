"""What the pages ask the backend for, kept between runs. Keyed by names, indices and numbers, never by tensors.

Sessions are threads of one process that share its devices: a lock for each lets them take turns, a chunk of work each.
What is kept is shared, so nobody may change it; that is also why it is kept as it is (`cache_resource`) and not copied
for each reader. It is kept for each device apart: two devices differ in the last digits.
"""

from gradlab.ui.cached.devices import device, device_lock, device_name
from gradlab.ui.cached.inputs import batch, from_sample, images_at_hand, load_one, model, sample, sample_rows, showable
from gradlab.ui.cached.one import PlaneKey, begin_plane, equal_l2, exploration, line, stepped, track, walked
from gradlab.ui.cached.seeing import answers, class_answers, deck, shown_sweep, threshold_alone
from gradlab.ui.cached.shelves import keep, keeping, recall
from gradlab.ui.cached.sweeps import (
    SweepKey,
    batch_size,
    begin_sweep,
    finished_sweep,
    stored_study,
    study,
)

__all__ = [
    "PlaneKey",
    "SweepKey",
    "answers",
    "batch",
    "batch_size",
    "begin_plane",
    "begin_sweep",
    "class_answers",
    "deck",
    "device",
    "device_lock",
    "device_name",
    "equal_l2",
    "exploration",
    "finished_sweep",
    "from_sample",
    "images_at_hand",
    "keep",
    "keeping",
    "line",
    "load_one",
    "model",
    "recall",
    "sample",
    "sample_rows",
    "showable",
    "shown_sweep",
    "stepped",
    "stored_study",
    "study",
    "threshold_alone",
    "track",
    "walked",
]
