"""The parts of the page *See it?*.

`taking` asks and takes answers for whoever takes part, whoever opened the study; the others are for one person alone.
"""

from gradlab.ui.see.begin import begin
from gradlab.ui.see.own import own
from gradlab.ui.see.results import results
from gradlab.ui.see.taking import taking
from gradlab.ui.see.trouble import told

__all__ = ["begin", "own", "results", "taking", "told"]
