"""Training from scratch: frozen recipes, one loop, and the run that ends in a file and its card."""

from gradlab.training.loop import EpochDone, Progress, Split, Training, accuracy, correct, train
from gradlab.training.recipes import RECIPES, Recipe, find_recipe
from gradlab.training.run import checkpoint_path, remeasure, run

__all__ = [
    "RECIPES",
    "EpochDone",
    "Progress",
    "Recipe",
    "Split",
    "Training",
    "accuracy",
    "checkpoint_path",
    "correct",
    "find_recipe",
    "remeasure",
    "run",
    "train",
]
