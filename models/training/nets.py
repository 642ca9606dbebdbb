"""What is trained and exported: a U-Net that says which noise is in a state."""
import math
import torch
from torch import nn
import torch.nn.functional as F
from holes import opponents, surroundings
from unet import UNet


class Preconditioned(nn.Module):
    """v of a state whose clean image is known roughly: x_0 = guess + r, r of standard deviation d.

    With a = sqrt(alpha-bar), s = sqrt(1 - a^2), y = x_t - a guess = a r + s eps and q = a^2 d^2 + s^2,
    the network says F, of unit variance at every level, and r = a d^2 / q y + s d / sqrt(q) F: Karras et
    al.'s preconditioning (2022, arXiv:2206.00364) on the residual. Then v = a eps - s x_0 =
    a s (1 - d^2) / q y - s guess - d / sqrt(q) F, which is finite at all levels. The level is a, as (B, 1).

    Where the network sees an image beside the state, its channels come first in the input, as in SR3.
    """

    inputs, output = ("x", "level"), "v"
    sees = True

    def __init__(self, channels, inputs, widths, d):
        super().__init__()
        self.channels, self.d = channels, d
        self.net = UNet(in_ch=inputs, out_ch=channels, widths=widths, blocks=2, stem=2)

    def turned(self, x):
        """An image in the colours that the network computes with."""
        return x

    def back(self, v):
        """The inverse of turned()."""
        return v

    def known(self, seen):
        """(guess, d, hole) for what the network sees, (B, C, H, W); a hole of 1 is where there is something to say."""
        return seen, self.d, None

    def residual_net(self, known, y, a):
        """F, given y and a (B, 1, 1, 1)."""
        raise NotImplementedError

    @staticmethod
    def parts(a, d):
        s = (1 - a * a).clamp(min=1e-8).sqrt()
        return s, a * a * d * d + s * s

    def forward(self, x, level):
        known = self.known(x[:, :self.channels] if self.sees else None)
        state = self.turned(x[:, self.channels:] if self.sees else x)
        guess, d, _ = known
        a = level[:, :, None, None]
        s, q = self.parts(a, d)
        y = state - a * guess
        f = self.residual_net(known, y, a).float()
        return self.back(a * s * (1 - d * d) / q * y - s * guess - d / q.sqrt() * f)

    def loss(self, x0, seen, a):
        """|| F - F_theta ||^2 in the hole, of unit variance at every level a (B, 1, 1, 1)."""
        with torch.no_grad():
            known = self.known(seen)
            guess, d, hole = known
            s, q = self.parts(a, d)
            r = self.turned(x0) - guess
            # drawn in one piece of memory, as channels_last is drawn value by value
            noise = torch.randn(x0.shape, device=x0.device).contiguous(memory_format=torch.channels_last)
            y = a * r + s * noise
            target = (r - a * d * d / q * y) * q.sqrt() / (s * d)
        with torch.autocast(x0.device.type, dtype=torch.bfloat16):
            out = self.residual_net(known, y, a)
        if hole is None:
            return ((out.float() - target) ** 2).mean()
        missed = out.float() - torch.where(hole > 0, target, 0.0)  # outside, the target is 0 / 0
        return (hole * missed ** 2).sum() / (hole.sum() * self.channels)


class Prior(Preconditioned):
    """Guesses the mean of all images. F sees the state itself, whose variance is near 1 at every level."""

    sees = False

    def __init__(self, channels, widths, d, mean):
        super().__init__(channels, channels, widths, d)
        self.mean = mean

    def known(self, seen):
        return self.mean, self.d, None

    def residual_net(self, known, y, a):
        """The level enters as the index that it has about on Ho et al.'s schedule."""
        first, rise = 1e-4, (0.02 - 1e-4) / (2 * 999)
        index = ((first ** 2 - 8 * rise * a.log()).sqrt() - first) / (2 * rise)
        return self.net(y + a * self.mean, index.flatten())


class Conditional(Preconditioned):
    """Guesses the image it sees."""

    def __init__(self, channels, widths, d):
        super().__init__(channels, 2 * channels, widths, d)

    def residual_net(self, known, y, a):
        s, q = self.parts(a, self.d)
        angle = torch.atan(s / (a * self.d)) * (2000 / math.pi)
        return self.net(torch.cat([known[0], y / q.sqrt()], 1), angle.flatten())


class Filling(Preconditioned):
    """Guesses a smooth fill of the hole in the image it sees, which holds 0 there.

    It computes with brightness and two opponent colours, (B, C, H, W) turned by an orthonormal matrix, as photographs
    differ from their smooth fill in brightness above all. d is a map of each of them, by the variance round the hole and
    the depth in it: log d^2 = w_0 log variance + w_1 log depth + w_(2 + colour). Of known pixels the network says that
    they are as they are, whatever the state: there d = 0.
    """

    def __init__(self, channels, widths, d, spread):
        super().__init__(channels, 2 * channels + 2, widths, d)
        self.register_buffer("matrix", opponents(channels), persistent=False)
        self.register_buffer("spread", torch.tensor(spread), persistent=False)

    def turned(self, x):
        return F.conv2d(x, self.matrix[:, :, None, None])

    def back(self, v):
        return F.conv2d(v, self.matrix.T[:, :, None, None])

    def known(self, seen):
        there = (seen.abs().amax(1, keepdim=True) > 0).to(seen.dtype)
        guess, variance, deep = surroundings(seen, there)
        w = self.spread
        d = (0.5 * (w[0] * variance + w[1] * deep + w[2:, None, None])).exp().clamp(0.005, 1.0)
        return self.turned(guess), d * (1 - there), 1 - there

    def residual_net(self, known, y, a):
        guess, d, hole = known
        s, q = self.parts(a, d)
        half_turns = lambda deviation: torch.atan(s / (a * deviation)) * (2 / math.pi)
        shown = torch.cat([guess, hole * y / q.sqrt(), hole, half_turns(d[:, :1].clamp(min=1e-4))], 1)
        return self.net(shown, 1000 * half_turns(self.d).flatten())


def build(config):
    """The untrained network of a checkpoint's configuration."""
    c = config
    if c["task"] == "prior":
        return Prior(c["channels"], c["widths"], c["d"], c["mean"])
    if c["task"] == "inpaint":
        return Filling(c["channels"], c["widths"], c["d"], c["spread"])
    return Conditional(c["channels"], c["widths"], c["d"])
