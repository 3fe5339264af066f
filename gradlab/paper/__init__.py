"""The paper's claims beside what was measured: numpy only, read off sweeps that somebody else ran.

Agarwal, Singh, Vatsa, *The Role of 'Sign' and 'Direction' of Gradient on the Performance of CNN* (CVPR Workshops 2020).
Its abstract gives figures and no epsilon, so that each epsilon here is found on the measured curves.
"""

from gradlab.paper.aims import AIMS, CLAIM_AIMS, CLEAN_LOOKING, NEGATIVE_AIMS, Aim, found, halves, proposals
from gradlab.paper.claims import (
    CLAIMS,
    MARGIN,
    PAPER_MODEL,
    Claim,
    ClaimRow,
    Combination,
    Verdict,
    best_descent,
    claim_rows,
    combination,
    judged,
)
from gradlab.paper.fair import (
    Allocation,
    Direction,
    FairRow,
    allocation_at,
    allocation_part,
    allocation_sentence,
    direction_at,
    direction_part,
    direction_sentence,
    fair_row,
    fair_sentences,
    fair_summary,
    occasion,
)
from gradlab.paper.points import Point, median_psnr_text, point
from gradlab.paper.visible import (
    CONVENTIONS,
    DEFAULT,
    LIMIT,
    Flipped,
    flipped,
    levels_text,
    lowest_unseen,
    unseen_point,
    unseen_proposals,
    unseen_right,
)
