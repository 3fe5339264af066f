"""Which images people are shown, in words: a random draw of what is usual, or the nearest to it."""

from gradlab.types import USUAL, Protocol


def chosen_text(protocol: Protocol) -> str:
    """How the images of a test were chosen, made of the numbers: a sentence, or two."""
    shown, looked, alike = len(protocol.places), protocol.looked, protocol.alike
    usual = f"about as much as the median one (PSNR within {USUAL:g} dB)"
    if looked is None or alike is None:
        return (
            f"{_images(shown)} shown: drawn at random from those that the rules change {usual} or, where these were "
            "too few, the nearest; which of the two was not kept."
        )
    if alike < shown:
        few = f"only {alike:,}" if alike else "none"
        which = f"The nearest {shown:,} were taken" if shown < looked else "All of them are shown"
        return f"Of {_images(looked)} looked at, the rules change {few} {usual}. {which}: no random draw."
    if alike == shown:
        return f"{_images(shown)} shown: all of {looked:,} looked at that the rules change {usual}."
    among = f"the {alike:,}, of {looked:,} looked at, that" if alike < looked else f"{looked:,}, all of which"
    return f"{_images(shown)} shown, drawn at random from {among} the rules change {usual}."


def _images(count: int) -> str:
    return f"{count:,} image" + ("" if count == 1 else "s")
