"""A picture that is pasted anywhere on the page goes into the file uploader, as if it had been chosen there."""

from gradlab.ui.components import component


def pasted() -> None:
    """Listen, as long as it is drawn; it shows nothing."""
    component("pasted", "<i hidden></i>")(key="pasted", height=1)
