"""What the page *Landscape* says."""

LABEL_OF_THE_LOSS = {
    "true": "the true label",
    "predicted": "which the network predicts for the clean image",
    "target": "the target",
}

REACH_HELP = "How far both figures go on either side of the clean image. Each rule has a reach of its own."

LINE_HELP = r"""
$L(\varepsilon) = -\log p_y\big(\mathrm{clip}(x + \varepsilon d,\, 0,\, 1)\big)$, the cross-entropy of the label $y$.

The gradient knows the slope at $\varepsilon = 0$ only. Where the curve follows the dashed line, the loss is as good as
linear and the step does what the gradient promises; where it leaves it, the step was too long for that. On the negative
side the loss cannot fall below 0, and where the step is too long it **rises** again: the image is carried out of the
region of its class on the other side. Where it neither rises nor falls by more than rounding in float32, it is called
flat.
"""

PLANE_HELP = r"""
$L(\varepsilon, \eta) = -\log p_y\big(\mathrm{clip}(x + \varepsilon d + \eta r,\, 0,\, 1)\big)$, with a random direction
$r \perp d$, $\lVert r \rVert_2 = \lVert d \rVert_2$.

After Li et al. 2018, [*Visualizing the Loss Landscape of Neural Nets*](https://arxiv.org/abs/1712.09913), but in the
space of the image: they vary the weights. Steps of equal length change much along $d$ and little along $r$.
"""
