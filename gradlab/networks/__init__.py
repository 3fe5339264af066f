"""Networks: architectures, the table of shipped weights, and how these are loaded."""

from gradlab.networks.architectures import ARCHITECTURES
from gradlab.networks.cards import ModelCard, find_card, read_cards, weights_path, write_card
from gradlab.networks.normalize import Normalize
from gradlab.networks.weights import build, half, load_model, save_weights
