"""What counts as a photograph, of which much is drawn, computed and asked for otherwise than of a small image.

Small images are enlarged to be seen, and a network is asked about many of them at once. A photograph is drawn as large
as it is, and there are fewer of it wherever a page would else keep a person waiting: of tiles, of pictures of a blind
test, of points of a landscape. At the line, 128 × 128 pixels, a network takes a third of the time that it takes at
224 × 224, so that a landscape of 41 × 41 cells there takes about as long as one of 21 × 21 cells here.
"""

from collections.abc import Sequence

PHOTOGRAPH = 128  # px: an image that is wider or higher is one


def is_photograph(shape: Sequence[int]) -> bool:
    """Whether an image of this shape, (…, H, W), is a photograph: wider or higher than `PHOTOGRAPH`."""
    return max(shape[-2:]) > PHOTOGRAPH
