"""The paper's claims beside what was measured: numpy only, read off sweeps that somebody else ran.

Agarwal, Singh, Vatsa, *The Role of 'Sign' and 'Direction' of Gradient on the Performance of CNN* (CVPR Workshops 2020).
Its abstract gives figures and no epsilon, so that each epsilon here is found on the measured curves.
"""

from gradlab.paper.aims import AIMS, CLAIM_AIMS, CLEAN_LOOKING, NEGATIVE_AIMS, Aim, proposals
from gradlab.paper.claims import CLAIMS, PAPER_MODEL, VISIBLE_BELOW, Claim, ClaimRow, Verdict, claim_rows
from gradlab.paper.fair import BUDGETS, Budget, at_equal_budget, fair_paragraph
from gradlab.paper.points import Point, median_psnr_text, point
from gradlab.paper.table import Combination, best_descent, combination

__all__ = [
    "AIMS",
    "BUDGETS",
    "CLAIMS",
    "CLAIM_AIMS",
    "CLEAN_LOOKING",
    "NEGATIVE_AIMS",
    "PAPER_MODEL",
    "VISIBLE_BELOW",
    "Aim",
    "Budget",
    "Claim",
    "ClaimRow",
    "Combination",
    "Point",
    "Verdict",
    "at_equal_budget",
    "best_descent",
    "claim_rows",
    "combination",
    "fair_paragraph",
    "median_psnr_text",
    "point",
    "proposals",
]
