"""The values that travel between the layers: enums and frozen dataclasses, no behaviour beyond derived views.

The tables of rules and of units stand here as well, since everything asks them.

Up to the sweep everything is tensors; what leaves it is numpy, so that figures, reports and pages never need torch.
"""

from gradlab.types.arrays import BoolArray, FloatArray, IntArray
from gradlab.types.batch import Batch
from gradlab.types.choices import EqualTo, LabelSource, Precision
from gradlab.types.explore import Exploration, Track, View
from gradlab.types.gallery import Changes, Gallery, Tiles
from gradlab.types.gradients import FloatGradients
from gradlab.types.landscape import LossLine, LossPlane
from gradlab.types.psychometrics import (
    Answer,
    Answers,
    Design,
    Estimate,
    Finding,
    Observer,
    PsychometricCurve,
    PsychometricFit,
    Scale,
    Trial,
)
from gradlab.types.rounding import HALFWAY, rounding_defined
from gradlab.types.rules import Given, Rule, RuleRow
from gradlab.types.seeing import USUAL, Method, Participant, Protocol, Question, Response, SeeingStudy
from gradlab.types.seen import Accuracy, Seen, SeenAxis, SeenDots, SeenNetwork
from gradlab.types.sweep import MEASURES, Curve, SweepResult
from gradlab.types.transfer import TransferResult
from gradlab.types.units import Unit

__all__ = [
    "HALFWAY",
    "MEASURES",
    "USUAL",
    "Accuracy",
    "Answer",
    "Answers",
    "Batch",
    "BoolArray",
    "Changes",
    "Curve",
    "Design",
    "EqualTo",
    "Estimate",
    "Exploration",
    "Finding",
    "FloatArray",
    "FloatGradients",
    "Gallery",
    "Given",
    "IntArray",
    "LabelSource",
    "LossLine",
    "LossPlane",
    "Method",
    "Observer",
    "Participant",
    "Precision",
    "Protocol",
    "PsychometricCurve",
    "PsychometricFit",
    "Question",
    "Response",
    "Rule",
    "RuleRow",
    "Scale",
    "SeeingStudy",
    "Seen",
    "SeenAxis",
    "SeenDots",
    "SeenNetwork",
    "SweepResult",
    "Tiles",
    "Track",
    "TransferResult",
    "Trial",
    "Unit",
    "View",
    "rounding_defined",
]
