"""Files that are no longer networks: what `gradlab.networks.folder` makes of thousands of damaged ones.

    python -m benchmarks.fuzz_networks --files 10000

Each is a small network in timm's Hub layout, its `config.json` or its `model.safetensors` changed in one to six places.
Reading one may give a network or a `GradlabError` of one line, and nothing else; it may not take longer than
`fuzzing.SECONDS`, nor the process more memory than `MEGABYTES` above what it began with.
"""

import json
import random
import struct
from copy import deepcopy
from typing import Any

from safetensors.torch import save

from benchmarks.fuzzing import Findings, fuzz_with, main
from gradlab.errors import GradlabError
from gradlab.networks.folder import LARGEST_UPLOAD, network_from
from gradlab.networks.library import architecture

MEGABYTES = 500
_CLASSES = ("ant", "bee", "cow")
_TRAINED = {"mean": [0.5] * 3, "std": [0.5] * 3, "input_size": [3, 32, 32], "label_names": list(_CLASSES)}
_CONFIG = {"architecture": "test_efficientnet", "num_classes": 3, "pretrained_cfg": _TRAINED}
_ABSURD: tuple[Any, ...] = (
    None, -1, 0, 1, 10**6, 10**400, 1e308, -1e-308, "", "x" * 10_000, "../../etc/passwd", "hf-hub:timm/resnet18",
    "resnet18", "vit_giant_patch14_224", "torchvision/regnet_y_128gf", "torchvision/vgg16", "<script>", True,
    [], [[]] * 50, {}, [1e9] * 3, [3, 10**6, 10**6], [3, 32, 31], ["a"] * 100_000,
)  # fmt: skip


def whole() -> tuple[bytes, bytes]:
    """Both files as they should be."""
    state = architecture("test_efficientnet", 3).state_dict()
    return json.dumps(_CONFIG).encode(), save({name: value.contiguous() for name, value in state.items()})


def damaged(files: tuple[bytes, bytes], seed: int) -> tuple[bytes, bytes]:
    """One of the two with one to six changes: of what it says, or of its bytes."""
    chance, (config, weights) = random.Random(seed), files
    way = chance.randrange(4)
    if way == 0:
        return _said_else(config, chance), weights
    if way == 1:
        return _scratched(config, chance), weights
    if way == 2:
        return config, _scratched(weights, chance)
    (length,) = struct.unpack("<Q", weights[:8])
    header = _said_else(weights[8 : 8 + length], chance)
    return config, struct.pack("<Q", len(header)) + header + weights[8 + length :]


def _said_else(text: bytes, chance: random.Random) -> bytes:
    """JSON with other values, or other names, at a few places."""
    content = json.loads(text)
    for _ in range(chance.randint(1, 3)):
        place = content
        while True:
            key = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
            inner = place[key]
            if not isinstance(inner, dict | list) or not inner or chance.random() < 0.3:
                break
            place = inner
        if isinstance(place, dict) and chance.random() < 0.3:
            place[chance.choice(("x", "__metadata__", "model_args", key + "2"))] = place.pop(key)
            place.setdefault("x", 0)
        else:
            place[key] = deepcopy(chance.choice(_ABSURD))
    return json.dumps(content).encode()


def _scratched(data: bytes, chance: random.Random) -> bytes:
    """Bytes changed, left out or doubled; half of them near the beginning."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        if not found:
            break
        at = chance.randrange(min(len(found), 9_000) if chance.random() < 0.5 else len(found))
        length, change = chance.choice((1, 4, 100)), chance.randrange(5)
        if change == 0:
            found[at] ^= 1 << chance.randrange(8)
        elif change == 1:
            found[at : at + length] = chance.randbytes(length)
        elif change == 2:
            del found[at : at + length]
        elif change == 3:
            found[at:at] = found[at : at + length] * chance.choice((1, 50))
        elif chance.random() < 0.2:
            del found[max(1, at) :]
    return bytes(found)


def outcome(files: tuple[bytes, bytes]) -> str:
    """What reading them comes to, in a few words."""
    try:
        network_from(*files, name="mine", most=LARGEST_UPLOAD)
    except GradlabError as error:
        text = str(error)
        if "\n" in text or len(text) > 1_000:
            return f"fault: {len(text)} letters, {text[:200]!r}"
        return f"refused: {type(error).__name__}: {' '.join(text.split()[:5])[:50]}"
    except BaseException as error:
        return f"fault: {error!r}"
    return "read"


def fuzz(seeds: range) -> Findings:
    """Read the damaged pair of files of each seed."""
    files = whole()
    outcome(files)  # what both libraries need of memory and time, once
    return fuzz_with(lambda seed: damaged(files, seed), outcome, seeds)


if __name__ == "__main__":
    main(fuzz, MEGABYTES, __doc__)
