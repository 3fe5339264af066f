"""What each page is for: one sentence, the first on it."""

GALLERY = "See at a glance which images the network gets wrong after a step, and how large a step each of them takes."
CURVES = "See how often the network is right as the step grows, away from the right answer and towards it."
LANDSCAPE = "See how the loss, which says how wrong the network is, rises and falls around one image."
COMPARE = "Put two networks or two kinds of noise side by side, and see which does more with the same change."
SEE = "Find out how small a change of an image your own eyes still notice."
PAPER = "Read what the paper claims beside what was measured here, and judge for yourself whether it holds."
