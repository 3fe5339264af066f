"""What is said of a visitor's own network and of its check."""

BUTTON = "Your network"
CHECK = "Check the network"
HELP = (
    "Bring a network of your own, and see whether a network fits: its pixel range, its logits, its gradient, its "
    "classes, its accuracy."
)
PRIVATE = (
    "Your network stays in memory until you leave. Nobody else can use it, and nothing is written. gradlab brings the "
    "architecture; from your files it takes numbers and names."
)
DROP = "Drop config.json and model.safetensors here together, as timm writes them (200 MB at most)"
PASSED = "The network passes all {count} checks."
FAILED = "{failed} of {count} checks failed."
NETWORK_HELP = (
    "The percentage is the clean accuracy: how many unchanged images it gets right. Which images these were, the lines "
    "below say."
)
DOING = "Checking the network: {name} …"
BROKEN = "The check ended with an error; the log of the server has the details."
