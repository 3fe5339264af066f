"""The sections of the page *Compare*, one file each."""

from gradlab.ui.compare.contender import Contender
from gradlab.ui.compare.curves import curves, ready
from gradlab.ui.compare.picture import picture
from gradlab.ui.compare.transfer import transfer

__all__ = ["Contender", "curves", "picture", "ready", "transfer"]
