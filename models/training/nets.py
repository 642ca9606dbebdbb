"""What is trained and exported: a U-Net that says which noise is in a state."""
import math
import torch
from torch import nn
from unet import UNet


class Prior(nn.Module):
    """eps(x_t, t): t is the index 0..999 on the linear schedule."""

    inputs, output = ("x", "t"), "eps"

    def __init__(self, channels, widths):
        super().__init__()
        self.channels = channels
        self.net = UNet(in_ch=channels, out_ch=channels, widths=widths, blocks=2, stem=2)

    def forward(self, x, t):
        return self.net(x, t)


class Conditional(nn.Module):
    """v of a state whose clean image is known roughly: x_0 = condition + r, r of standard deviation d.

    With a = sqrt(alpha-bar), s = sqrt(1 - a^2), y = x_t - a condition = a r + s eps and
    q = a^2 d^2 + s^2, the network F sees y / sqrt(q), of unit variance, and r = a d^2 / q y +
    s d / sqrt(q) F: Karras et al.'s preconditioning (2022, arXiv:2206.00364) on the residual. Then
    v = a eps - s x_0 = a s (1 - d^2) / q y - s condition - d / sqrt(q) F, which is finite at all levels.

    The input holds the condition's channels first, as in SR3; the level is a, as (B, 1).
    """

    inputs, output = ("x", "level"), "v"

    def __init__(self, channels, widths, d):
        super().__init__()
        self.channels, self.d = channels, d
        self.net = UNet(in_ch=2 * channels, out_ch=channels, widths=widths, blocks=2, stem=2)

    def parts(self, a):
        s = (1 - a * a).clamp(min=1e-8).sqrt()
        q = a * a * self.d ** 2 + s * s
        return s, q

    def residual_net(self, condition, y, a):
        """F, given y and a (B, 1, 1, 1)."""
        s, q = self.parts(a)
        angle = torch.atan(s / (a * self.d)) * (2000 / math.pi)
        return self.net(torch.cat([condition, y / q.sqrt()], 1), angle.flatten())

    def forward(self, x, level):
        condition, x = x[:, :self.channels], x[:, self.channels:]
        a = level[:, :, None, None]
        s, q = self.parts(a)
        y = x - a * condition
        f = self.residual_net(condition, y, a).float()
        return a * s * (1 - self.d ** 2) / q * y - s * condition - self.d / q.sqrt() * f
