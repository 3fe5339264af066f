"""The words of the field that the pages use, each with one or two short sentences for who meets it first."""

GLOSSARY: dict[str, str] = {
    # the network
    "network": "A program that was trained on many labelled images and now names what an image shows. Also: model.",
    "data set": "A collection of images, most often labelled, such as CIFAR-10.",
    "test split": "The images of a data set that the network was not trained on. All figures rest on these.",
    "sample": "Those of a data set's images that come with gradlab: 2,000 test images, or six photographs.",
    "class": "One of the things that the network can name: cat, ship or truck, say.",
    "true class": "What the image really shows, by the data set's label.",
    "logits": "The numbers that a network gives, one for each class, before they become probabilities.",
    "probability": "How sure the network says it is of a class, from 0 to 100 %. It is often too sure.",
    "accuracy": "The share of images that the network classifies correctly.",
    "clean accuracy": "The accuracy on images that nobody changed.",
    "share that keeps its class": "The share of images that the network still names as it did before the step. It "
    "stands for accuracy where nobody knows the true classes.",
    # the step
    "loss": "How little the network believes in a class, in nats: −log of the probability that it gives the class.",
    "gradient": "For each value of the image: how fast the loss grows when that value grows.",
    "step": "The one change that gradlab makes to an image: add ε times a direction, then clip to 0 to 1.",
    "step size ε": "How far the step goes (ε: epsilon). Above 0 it leads away from the class, below 0 towards it.",
    "kind of noise": "How the gradient becomes the direction of the step. Each kind spreads the change differently.",
    "sign": "A kind of noise that keeps only plus or minus of the gradient: every value changes equally much.",
    "plain gradient": "A kind of noise that uses the gradient with its sizes: large where a value matters much.",
    "random": "A kind of noise by chance. It knows nothing of the network, so it is the control.",
    "direction": "Where the step points. One gradient gives it, for every step size.",
    "noise": "What the step adds to the image.",
    "clean image": "The image before the step.",
    "perturbed image": "The image after the step: clean image plus noise.",
    "8 bit": "How an image file saves each value: as one of 256 levels, n/255. Noise below half a level is lost.",
    "flip": "An image flips when the network names another class than before the step.",
    "transfer": "Whether noise made on one network also misleads another.",
    # how large a change is
    "L2": "The length of the change: the square root of the sum of all squared differences.",
    "L∞": "The largest change of any single value (L infinity).",
    "PSNR": "Peak signal-to-noise ratio, in dB: higher is closer. 40 dB often counts as hard to see.",
    "SSIM": "Structural similarity: 1 for identical images, lower where structure changes.",
    "budget": "How much a step may change an image. A fair comparison gives both sides the same budget.",
    "equal change": "Both steps change the image by the same amount, by L2, say. Only then a comparison is fair.",
    "mean": "The average over all images.",
    "median": "The middle value: half of the images lie below it, half above.",
    # how sure a figure is
    "interval": "The range around a figure that rests on some images. 95 of 100 such ranges hold the true figure.",
    "paired difference": "Two shares of the same images, one minus the other, with an interval of its own.",
    "threshold": "The step size at which a person is right in 75 % of the trials: noise that one just sees.",
    "trial": "One question of the blind test: which of two images was changed?",
    "catch trial": "A trial with a change that anybody sees. Who misses several does not pay attention.",
}  # fmt: skip
