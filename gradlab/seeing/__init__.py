"""People who look: the blind test, what they answer, and what it says.

    design = Design((Scale.spaced("sign", 0.5 / 255, 32 / 255),))
    answers = simulate(design, {"sign": Observer(3 / 255)}, seed=1)      # or people's, from a CSV
    for seen in see(design, answers, gradlab.load_baseline("alexnet", "cifar10")):
        print(sentence(seen))

What is named here is public, and numpy only.
"""

from gradlab.seeing.psychometrics import simulate
from gradlab.seeing.thresholds import doubts, see, sentence

__all__ = ["doubts", "see", "sentence", "simulate"]
