"""The page Gallery: what it shows, which images, in which order."""

GALLERIES = {"many": "Many images", "one": "One image"}

GALLERIES_HELP = (
    "**Many images** under one step, to filter and sort. **One image** under many steps: a row for each kind of noise, "
    "a column for each ε. Click a picture to open it on the page Explore."
)

SHOWS = {
    "all": "all",
    "flipped": "flipped: another class",
    "kept": "not flipped",
    "lost": "right before, wrong after",
    "won": "wrong before, right after",
    "right_before": "right before",
    "wrong_before": "wrong before",
    "right_after": "right after",
    "wrong_after": "wrong after",
}

SHOWS_HELP = (
    "What the network says before the step and after it. **Right** always means the data set's label, whichever class "
    "you push away from."
)

SHOWS_UNLABELLED = {name: SHOWS[name] for name in ("all", "flipped", "kept")}

SHOWS_UNLABELLED_HELP = "What the network says before the step and after it. Nobody knows what is right here."

VERDICT = "✓ right, ✗ wrong, by the data set's label. "

ORDERS = {
    "place": "place in the data set",
    "flip": "closest to the boundary first",
    "before": "least sure before the step first",
    "after": "least sure after the step first",
    "class": "true class",
}

ORDERS_UNLABELLED = {name: title for name, title in ORDERS.items() if name != "class"}

ORDERS_HELP = (
    "**Closest to the boundary**: the images that change their class at the smallest ε, on the chosen side of 0. "
    "**Least sure**: the lowest probability of the class that the network says, before the step or after it. gradlab "
    "computes these anew, even where it measured the classes beforehand."
)


def pool_help(sampled: bool) -> str:
    """How many images are looked at: of the sample, or of all that are at hand."""
    which = "The first images of the sample of test images" if sampled else "The first of the images"
    return f"{which}; the classes are mixed. More take longer, unless gradlab measured their classes beforehand."
