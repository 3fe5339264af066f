"""The values that travel between the layers: enums and frozen dataclasses, no behaviour beyond derived views.

Up to the sweep everything is tensors; what leaves it is numpy, so that figures, reports and pages never need torch.
"""

from gradlab.types.arrays import BoolArray, FloatArray, IntArray
from gradlab.types.batch import UNKNOWN, Batch, class_name
from gradlab.types.choices import EqualTo, LabelSource, Precision, Rule
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
from gradlab.types.rounding import HALFWAY, MOVES_ALL_ALIKE, rounding_defined
from gradlab.types.seeing import USUAL, Method, Participant, Protocol, Question, Response, SeeingStudy
from gradlab.types.seen import Accuracy, Seen, SeenAxis, SeenDots, SeenNetwork
from gradlab.types.sweep import MEASURES, Curve, SweepResult
from gradlab.types.transfer import TransferResult

__all__ = [
    "HALFWAY",
    "MEASURES",
    "MOVES_ALL_ALIKE",
    "UNKNOWN",
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
    "View",
    "class_name",
    "rounding_defined",
]
