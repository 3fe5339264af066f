"""What a person has chosen: kept in the session, written into the URL, read from it. Nothing else touches either.

A link is read once, when it is opened (or when the browser goes back to it); from then on the session leads and the URL
follows. What a link says that makes no sense is left out, and a notice is kept for the control that it was meant for.
"""

from gradlab.ui.state.choices import (
    DIRECTIONS_ACROSS,
    DOWN,
    FEW_PHOTOGRAPHS,
    GAINS,
    LIMITS,
    PHOTOGRAPHS,
    POOLS,
    TRIALS,
    USUAL_LIMIT,
    get,
    put,
    widths,
)
from gradlab.ui.state.derived import epsilon, epsilon_text, label_source, put_epsilon, reaches, sizes
from gradlab.ui.state.link import begin, put_link, write_link
from gradlab.ui.state.networks import (
    Arrival,
    arrival,
    cards,
    own_network_sets,
    own_networks,
    put_own_networks,
    turned_to_network,
)
from gradlab.ui.state.own import (
    ELSEWHERE,
    OWN,
    arrived_pictures,
    is_yours,
    own_dataset,
    own_pictures,
    put_own,
    turn_to_own,
)
from gradlab.ui.state.session import (
    Progress,
    Running,
    Work,
    checks,
    covered,
    finish,
    notice,
    once,
    once_more,
    put_notice,
    start,
    under_way,
)
