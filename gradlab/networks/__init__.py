"""Networks: architectures, the table of shipped weights, and one registry of all that can be loaded."""

from gradlab.networks.architectures import ARCHITECTURES
from gradlab.networks.brought import Network
from gradlab.networks.cards import ModelCard, read_cards, weights_path, write_card
from gradlab.networks.normalize import Normalize
from gradlab.networks.registry import find_card, known_cards, load_model
from gradlab.networks.weights import build, half, save_weights
