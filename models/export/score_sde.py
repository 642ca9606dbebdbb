"""score_sde_pytorch: NCSN++ and DDPM++ of the VE, VP and sub-VP SDEs."""
import importlib.util
import os
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
import model_folder as folder
from scaled import Ladder, Score

CITE = {"text": "Song Y. et al.: Score-based generative modeling through stochastic differential equations. ICLR 2021.",
        "doi": "10.48550/arXiv.2011.13456"}


class Settings(dict):
    """A dictionary whose keys are attributes, where ml_collections is not installed."""

    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


def upfirdn2d(x, kernel, up=1, down=1, pad=(0, 0)):
    """Zeros between pixels, a margin, a filter, every n-th pixel: what the compiled operator computes."""
    c = int(x.shape[1])
    if up > 1:
        x = F.conv_transpose2d(x, torch.ones(c, 1, 1, 1), stride=up, output_padding=up - 1, groups=c)
    x = F.pad(x, (pad[0], pad[1], pad[0], pad[1]))
    return F.conv2d(x, torch.flip(kernel, (0, 1)).float()[None, None].repeat(c, 1, 1, 1), stride=down, groups=c)


class Nominal:
    """The widths at which the network has attention, of an image of any width: of the training's, they are `widths`."""

    def __init__(self, widths, size):
        self.widths, self.size, self.now = tuple(widths), size, size

    def __contains__(self, width):
        return int(width) * self.size in [w * self.now for w in self.widths]


class AnySize(nn.Module):
    """The network with its attention where it was in the training."""

    def __init__(self, net, size):
        super().__init__()
        self.net = net
        net.attn_resolutions = Nominal(net.attn_resolutions, size)

    def forward(self, x, labels):
        self.net.attn_resolutions.now = int(x.shape[-1])
        return self.net(x, labels)


class Preserving(nn.Module):
    """Noise that a VP or sub-VP network finds, told s = sqrt((1 - alpha-bar) / alpha-bar) of the program's state.

    Of the SDE's mean m and deviation d of x_0, d / m = s. VP: d = sqrt(1 - m^2), and the SDE's state is the program's.
    Sub-VP: d = 1 - m^2, so m = 2 / (sqrt(s^2 + 4) + s), and its state is sqrt(m^2 + d^2) times the program's.
    ln m = -u^2 (b_max - b_min) / 4 - u b_min / 2 says the time u; the label is 999 u. The score is -out / d: out is the
    noise.
    """

    def __init__(self, net, low, high, sub):
        super().__init__()
        self.net, self.low, self.rise, self.sub = net, low, high - low, sub

    def forward(self, x, level):
        if self.sub:
            m = 2 / ((level * level + 4).sqrt() + level)
            scale, log_mean = (m * m + (1 - m * m).square()).sqrt(), m.log()
            x = x * scale[:, None, None, None]
        else:
            log_mean = -0.5 * torch.log1p(level * level)
        u = ((self.low ** 2 / 4 - self.rise * log_mean).sqrt() - self.low / 2) * 2 / self.rise
        return self.net(x, 999 * u)


def ratio(u, low, high, sub):
    """s of the SDE's times u."""
    mean = np.exp(-u * u * (high - low) / 4 - u * low / 2)
    return (1 - mean ** 2 if sub else np.sqrt(1 - mean ** 2)) / mean


def configuration(a):
    """get_config() of the user's file; ml_collections is stood in for where it is missing."""
    if importlib.util.find_spec("ml_collections") is None:
        folder.stand_in("ml_collections", ConfigDict=Settings)
    if importlib.util.find_spec("absl") is None:
        folder.stand_in("absl", flags=None)
    folder.stand_in("op", upfirdn2d=upfirdn2d)
    folder.import_from(a.repo, "sde_lib")
    spec = importlib.util.spec_from_file_location("foreign_config", a.config)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, "get_config"):
        raise SystemExit(f"--config {a.config} has no get_config(): is it one of the code base's configs?")
    return module.get_config()


def network(a, c):
    """The network with the averages of its parameters."""
    for name in ("ddpm", "ncsnpp"):
        folder.import_from(a.repo, f"models.{name}")
    utils = folder.import_from(a.repo, "models.utils")
    try:
        net = utils.get_model(c.model.name)(c)
    except KeyError as e:
        raise SystemExit(f"{a.config} describes a network that this recipe does not know: {e}. It knows ncsnpp and ddpm.")
    states = folder.weights(a.checkpoint)
    if not isinstance(states, dict) or not {"model", "ema"} <= set(states):
        raise SystemExit(f"{a.checkpoint} holds no model and ema: is it a checkpoint of score_sde_pytorch?")
    folder.fill(net, states["model"], a.checkpoint, "module.")
    parameters = [p for p in net.parameters() if p.requires_grad]
    shadows = states["ema"]["shadow_params"]
    if [p.shape for p in parameters] != [s.shape for s in shadows]:
        raise SystemExit(f"The averages in {a.checkpoint} do not fit the network that {a.config} describes.")
    with torch.no_grad():
        for p, s in zip(parameters, shadows):
            p.copy_(s)
    return net


def main():
    p = folder.options(__doc__, "checkpoint_*.pth")
    p.add_argument("--config", required=True, help="the Python file it was trained with, configs/*/*.py")
    a = folder.parsed(p)
    c = configuration(a)
    net = AnySize(network(a, c), c.data.image_size)
    m, sde, whole = c.model, c.training.sde.lower(), c.training.continuous
    common = dict(family=f"{m.name} of score_sde_pytorch ({sde})", channels=c.data.num_channels, size=c.data.image_size,
                  multiple=2 ** (len(m.ch_mult) - 1), value_range=(-1, 1) if c.data.centered else (0, 1), clip=False,
                  output={"meaning": "epsilon"}, cite=[CITE])
    if sde == "vesde":
        sigmas = np.geomspace(m.sigma_max, m.sigma_min, m.num_scales)
        folder.write(folder.Model(Score(net) if whole else Ladder(net, torch.tensor(sigmas)), time="sigma",
                                  schedule=folder.betas_of(sigmas), **common), a)
    elif sde == "subvpsde" or (sde == "vpsde" and whole):
        times, sub = np.arange(1, m.num_scales + 1) / m.num_scales, sde == "subvpsde"
        folder.write(folder.Model(Preserving(net, m.beta_min, m.beta_max, sub), time="sigma", schedule=folder.betas_of(
            ratio(times, m.beta_min, m.beta_max, sub)), **common), a)
    elif sde == "vpsde":
        folder.write(folder.Model(net, time="index", schedule={
            "kind": "linear", "steps": m.num_scales, "beta_start": m.beta_min / m.num_scales,
            "beta_end": m.beta_max / m.num_scales}, **common), a)
    else:
        raise SystemExit(f"training.sde in {a.config} is {sde}; the code base has vesde, vpsde and subvpsde.")


if __name__ == "__main__":
    main()
