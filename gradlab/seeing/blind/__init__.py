"""A blind test of whether a person sees what a step does to an image: what may be asked, and the next question.

    protocol = draw_protocol(model, card, batch)                  # which images, and how large the steps are: measured
    deck = prepare(protocol, model, card, batch)                  # one backward pass serves the whole test
    question = ask(deck, participant.seed, answers)               # after these answers; None: done

Nothing is kept between two questions: image, order and sides follow from the person's seed and the trial's number, the
size of the step also from the answers so far.
"""

from gradlab.seeing.blind.protocol import Drawing, Wish, draw_protocol, stream_protocol
from gradlab.seeing.blind.questions import Deck, ask, prepare
