"""What is trained and exported: a U-Net that says which noise is in a state."""
import math
import torch
from torch import nn
from unet import UNet


class Preconditioned(nn.Module):
    """v of a state whose clean image is known roughly: x_0 = guess + r, r of standard deviation d.

    With a = sqrt(alpha-bar), s = sqrt(1 - a^2), y = x_t - a guess = a r + s eps and q = a^2 d^2 + s^2,
    the network says F, of unit variance at every level, and r = a d^2 / q y + s d / sqrt(q) F: Karras et
    al.'s preconditioning (2022, arXiv:2206.00364) on the residual. Then v = a eps - s x_0 =
    a s (1 - d^2) / q y - s guess - d / sqrt(q) F, which is finite at all levels. The level is a, as (B, 1).
    """

    inputs, output = ("x", "level"), "v"

    def parts(self, a):
        s = (1 - a * a).clamp(min=1e-8).sqrt()
        q = a * a * self.d ** 2 + s * s
        return s, q

    def v(self, x, guess, a):
        s, q = self.parts(a)
        y = x - a * guess
        f = self.residual_net(guess, y, a).float()
        return a * s * (1 - self.d ** 2) / q * y - s * guess - self.d / q.sqrt() * f


class Prior(Preconditioned):
    """Guesses the mean of all images. F sees the state itself, whose variance is near 1 at every level."""

    def __init__(self, channels, widths, d, mean):
        super().__init__()
        self.channels, self.d, self.mean = channels, d, mean
        self.net = UNet(in_ch=channels, out_ch=channels, widths=widths, blocks=2, stem=2)

    def residual_net(self, guess, y, a):
        """F, given y and a (B, 1, 1, 1). The level enters as the index that it has about on Ho et al.'s schedule."""
        first, rise = 1e-4, (0.02 - 1e-4) / (2 * 999)
        index = ((first ** 2 - 8 * rise * a.log()).sqrt() - first) / (2 * rise)
        return self.net(y + a * guess, index.flatten())

    def forward(self, x, level):
        return self.v(x, self.mean, level[:, :, None, None])


class Conditional(Preconditioned):
    """Guesses the condition. The input holds the condition's channels first, as in SR3."""

    def __init__(self, channels, widths, d):
        super().__init__()
        self.channels, self.d = channels, d
        self.net = UNet(in_ch=2 * channels, out_ch=channels, widths=widths, blocks=2, stem=2)

    def residual_net(self, condition, y, a):
        """F, given y and a (B, 1, 1, 1)."""
        s, q = self.parts(a)
        angle = torch.atan(s / (a * self.d)) * (2000 / math.pi)
        return self.net(torch.cat([condition, y / q.sqrt()], 1), angle.flatten())

    def forward(self, x, level):
        return self.v(x[:, self.channels:], x[:, :self.channels], level[:, :, None, None])


def build(config):
    """The untrained network of a checkpoint's configuration."""
    c = config
    if c["task"] == "prior":
        return Prior(c["channels"], c["widths"], c["d"], c["mean"])
    return Conditional(c["channels"], c["widths"], c["d"])
