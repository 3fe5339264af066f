"""The step: the gradient, the direction made of it, and the way of an image along it."""
