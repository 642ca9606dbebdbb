"""A page of samples, to look at: cover.png of a model."""
import os
import numpy as np
import torch
from PIL import Image

STEPS = 50


def predict(net, x, condition, a):
    """(eps, x_0) of a state at alpha a; x_0 within the range where nothing else is known."""
    s = (1 - a * a) ** 0.5
    v = net(x if condition is None else torch.cat([condition, x], 1), torch.full((x.shape[0], 1), a))
    x0 = a * x - s * v
    if condition is None:
        x0 = x0.clamp(-1, 1)
    return (x - a * x0) / s, x0


@torch.no_grad()
def ddim(net, shape, abar, condition=None):
    """Deterministic DDIM (Song et al. 2021, equation 12, sigma = 0) on evenly spaced indices."""
    x = torch.randn(shape)
    indices = np.rint(np.linspace(0, len(abar) - 1, STEPS)).astype(int)[::-1]
    for i, t in enumerate(indices):
        a = float(abar[t]) ** 0.5
        eps, x0 = predict(net, x, condition, a)
        b = float(abar[indices[i + 1]]) ** 0.5 if i + 1 < STEPS else 1.0
        x = b * x0 + (1 - b * b) ** 0.5 * eps
    return x


def tiles(rows):
    """A picture of rows of images (C, H, W) in [-1, 1], with 2 white pixels between them."""
    c, h, w = rows[0][0].shape
    page = np.full((len(rows) * (h + 2) - 2, len(rows[0]) * (w + 2) - 2, c), 255, np.uint8)
    for y, row in enumerate(rows):
        for x, image in enumerate(row):
            grey = ((image.clamp(-1, 1) + 1) * 127.5).byte().permute(1, 2, 0).numpy()
            page[y * (h + 2):y * (h + 2) + h, x * (w + 2):x * (w + 2) + w] = grey
    return Image.fromarray(page[..., 0] if c == 1 else page)


def cover(net, folder, abar, pairs=None):
    """Samples of a prior, or condition, sample and truth of held-out patches side by side."""
    torch.manual_seed(1)
    if pairs is None:
        x = ddim(net, (24, net.channels, 64, 64), abar)
        rows = [x[k:k + 8] for k in range(0, 24, 8)]
    else:
        truth, condition = pairs
        rows = [condition[:8], ddim(net, truth[:8].shape, abar, condition[:8]), truth[:8]]
    tiles(rows).save(os.path.join(folder, "cover.png"))
