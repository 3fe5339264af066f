"""ImageNet's 1,000 classes: the WordNet id and a name of each, in the usual order.

ILSVRC 2012 sorts its classes by their ids (Russakovsky et al. 2015, https://doi.org/10.1007/s11263-015-0816-y). A name
is the first that WordNet has for the id, with a word more where two classes share it. Light: it loads no torch.
"""

from functools import cache
from pathlib import Path


@cache
def imagenet() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids, such as `n01440764`, and the names, such as `tench`; 1,000 of each."""
    rows = Path(__file__).with_suffix(".tsv").read_text(encoding="utf-8").splitlines()
    ids, names = zip(*(row.split("\t") for row in rows), strict=True)
    return ids, names
