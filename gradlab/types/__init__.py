"""The values that travel between the layers: enums and frozen dataclasses, no behaviour beyond derived views.

The tables of rules and of units stand here as well, since everything asks them.

Up to the sweep everything is tensors; what leaves it is numpy, so that figures, reports and pages never need torch.
"""

from gradlab.types.arrays import BoolArray, FloatArray, IntArray
from gradlab.types.batch import UNKNOWN, Batch, class_name
from gradlab.types.blind import USUAL, Method, Participant, Protocol, Question, Response, SeeingStudy
from gradlab.types.choices import EqualTo, LabelSource, Precision
from gradlab.types.explore import Exploration, Track, View
from gradlab.types.gallery import Changes, Gallery, Tiles
from gradlab.types.gradients import FloatGradients
from gradlab.types.landscape import LossLine, LossPlane
from gradlab.types.photograph import PHOTOGRAPH, is_photograph
from gradlab.types.provenance import Provenance
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
from gradlab.types.sweep import MEASURES, Curve, SweepResult
from gradlab.types.thresholds import Accuracy, Seen, SeenAxis, SeenDots, SeenNetwork
from gradlab.types.transfer import TransferResult
from gradlab.types.units import Unit
