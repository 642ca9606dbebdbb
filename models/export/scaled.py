"""Networks of other noise processes, for the state that the program holds: alpha^2 + sigma^2 = 1."""
import torch
from torch import nn


class Exploding(nn.Module):
    """A network that sees x_0 + s z, s from a ladder of noise levels (SMLD, VE SDE, EDM).

    The program's state is x = (x_0 + s z) / sqrt(1 + s^2) and its time is s = sqrt((1 - alpha-bar) / alpha-bar). What
    comes out is the network's own answer to `said(y, s)`, y = x sqrt(1 + s^2): the noise z, or x_0.
    """

    def __init__(self, net):
        super().__init__()
        self.net = net

    def said(self, y, s):
        raise NotImplementedError

    def forward(self, x, level):
        return self.said(x * (1 + level * level).sqrt()[:, None, None, None], level)


class Score(Exploding):
    """A network that says the score when told s: z = -s score."""

    def said(self, y, s):
        return -s[:, None, None, None] * self.net(y, s).float()


class Ladder(Exploding):
    """A network that says the score of the rung it is told; the one nearest in ln(s) is. z = -s_i score."""

    def __init__(self, net, sigmas):
        super().__init__(net)
        self.register_buffer("rungs", sigmas.detach().clone().float())

    def said(self, y, s):
        i = (self.rungs.log()[None] - s.log()[:, None]).abs().argmin(1)
        return -self.rungs[i][:, None, None, None] * self.net(y, i).float()
