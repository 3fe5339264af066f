"""The paper's claims beside what was measured: numpy only, read off sweeps that somebody else ran.

Agarwal, Singh, Vatsa, *The Role of 'Sign' and 'Direction' of Gradient on the Performance of CNN* (CVPR Workshops 2020).
Its abstract gives figures and no epsilon, so that each epsilon here is found on the measured curves.
"""

from gradlab.paper.aims import AIMS, CLAIM_AIMS, CLEAN_LOOKING, NEGATIVE_AIMS, Aim, proposals
from gradlab.paper.budgets import BUDGETS, Budget, Share, at_equal_budget
from gradlab.paper.claims import CLAIMS, MARGIN, PAPER_MODEL, Claim, ClaimRow, Verdict, claim_rows, judged
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
from gradlab.paper.halves import found, halves
from gradlab.paper.points import Point, median_psnr_text, point
from gradlab.paper.table import Combination, best_descent, combination
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

__all__ = [
    "AIMS",
    "BUDGETS",
    "CLAIMS",
    "CLAIM_AIMS",
    "CLEAN_LOOKING",
    "CONVENTIONS",
    "DEFAULT",
    "LIMIT",
    "MARGIN",
    "NEGATIVE_AIMS",
    "PAPER_MODEL",
    "Aim",
    "Allocation",
    "Budget",
    "Claim",
    "ClaimRow",
    "Combination",
    "Direction",
    "FairRow",
    "Flipped",
    "Point",
    "Share",
    "Verdict",
    "allocation_at",
    "allocation_part",
    "allocation_sentence",
    "at_equal_budget",
    "best_descent",
    "claim_rows",
    "combination",
    "direction_at",
    "direction_part",
    "direction_sentence",
    "fair_row",
    "fair_sentences",
    "fair_summary",
    "flipped",
    "found",
    "halves",
    "judged",
    "levels_text",
    "lowest_unseen",
    "median_psnr_text",
    "occasion",
    "point",
    "proposals",
    "unseen_point",
    "unseen_proposals",
    "unseen_right",
]
