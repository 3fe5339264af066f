"""The sections of the page *Compare*, one file each."""

from gradlab.ui.compare.curves import Contender, curves, ready
from gradlab.ui.compare.picture import picture
from gradlab.ui.compare.transfer import transfer

__all__ = ["Contender", "curves", "picture", "ready", "transfer"]
