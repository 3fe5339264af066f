"""The parts of the page *See it?*.

`taking` asks and takes answers for whoever takes part, whoever opened the study; `teaching` is for who opened one for a
class, `welcome` for who joins it.
"""

from gradlab.ui.see.begin import begin
from gradlab.ui.see.own import leave, own
from gradlab.ui.see.results import results
from gradlab.ui.see.taking import taking
from gradlab.ui.see.teaching import teaching
from gradlab.ui.see.trouble import told
from gradlab.ui.see.welcome import join_field, welcome

__all__ = ["begin", "join_field", "leave", "own", "results", "taking", "teaching", "told", "welcome"]
