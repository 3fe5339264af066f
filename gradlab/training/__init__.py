"""Training from scratch: frozen recipes, one loop, and the run that ends in a file and its card."""

from gradlab.training.loop import EpochDone, Progress, Split, Training, accuracy, correct, train
from gradlab.training.publish import checkpoint_path, remeasure, run
from gradlab.training.recipes import RECIPES, Recipe, find_recipe
