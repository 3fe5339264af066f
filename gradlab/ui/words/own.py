"""What is said of a visitor's own pictures."""

PRIVATE = (
    "JPEG, PNG, WebP, GIF, BMP or TIFF, up to 10 MB each. Your pictures stay in the server's memory until you close or "
    "reload this page. Nothing of them is written down, and nobody else can see them. A link to them works in this "
    "session only."
)
HERE = "In this session only: nobody else can see it, and a link to it works here only."
HELP = "Look at pictures of your own, and choose the square of each that the network gets."
SAVE = (
    "The picture as gradlab has it, as PNG, under the name that *This view as code* gives it. It holds no metadata, "
    "such as where it was taken."
)
SQUARE = (
    "Drag the square, or its corner. By keyboard: the arrow keys move it, + and − change its size; with Shift, by more."
)
NETWORK_HELP = (
    "Each network knows the classes of one data set, which stands behind its name, and nothing else: a network of "
    "Fashion-MNIST sees clothes in everything."
)
