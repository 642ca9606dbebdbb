"""EDM pickles (NVlabs/edm): networks with EDM's preconditioning, or with that of VP, VE and iDDPM.

A pickle is a program: whoever made the file can make this computer do anything. Open those of people you trust.
"""
import importlib.util
import pickle
import sys
import numpy as np
import torch
from torch import nn
import model_folder as folder
from scaled import Exploding

CITE = {"text": "Karras T. et al.: Elucidating the design space of diffusion-based generative models. NeurIPS 2022.",
        "doi": "10.48550/arXiv.2206.00364"}
LOW, HIGH, RHO, STEPS = 0.002, 80, 7, 1000  # of the paper's table 1


class Inner(nn.Module):
    """F, which the program preconditions; the level is ln(s) / 4."""

    def __init__(self, net, label):
        super().__init__()
        self.net, self.label = net, label

    def forward(self, x, level):
        return self.net.model(x, level, class_labels=one_hot(self.net, self.label, x))


class Denoiser(Exploding):
    """The whole denoiser, with its preconditioning, of whatever kind."""

    def __init__(self, net, label):
        super().__init__(net)
        self.label = label

    def said(self, y, s):
        return self.net(y, s, one_hot(self.net, self.label, y))


def one_hot(net, label, x):
    if label is None:
        return None
    return torch.eye(net.label_dim)[label][None].expand(x.shape[0], -1)


def attention(q, k):
    """Softmax of scaled products; the code base's own has a backward pass of its own, which cannot be exported."""
    return torch.einsum("ncq,nck->nqk", q, k / k.shape[1] ** 0.5).softmax(2)


class Filter:
    """A resampling filter whose copies, one per channel, are constants of the ONNX file; others cannot be exported."""

    def __init__(self, values):
        self.values, self.shape = values, values.shape

    def to(self, dtype):
        return self

    def mul(self, factor):
        return Filter(self.values * factor)

    def tile(self, times):
        return torch.from_numpy(np.tile(self.values, times))


def opened(a):
    """The averaged network of the pickle, whose code is in the pickle and whose helpers are in the checkout."""
    if importlib.util.find_spec("requests") is None:
        folder.stand_in("requests")  # for downloads
    if importlib.util.find_spec("distutils") is None:
        folder.stand_in("distutils")
        folder.stand_in("distutils.util", strtobool=lambda text: text.lower() in ("y", "yes", "true", "1", "on"))
    folder.import_from(a.repo, "torch_utils.persistence")
    with open(a.checkpoint, "rb") as f:
        try:
            net = pickle.load(f)["ema"]
        except (pickle.UnpicklingError, KeyError, TypeError, EOFError) as e:
            raise SystemExit(f"{a.checkpoint} is no network pickle of EDM ({type(e).__name__}).")
    for m in {sys.modules[type(part).__module__] for part in net.modules()}:
        if hasattr(m, "AttentionOp"):
            m.AttentionOp = type("AttentionOp", (), {"apply": staticmethod(attention)})
    for part in net.float().modules():
        if getattr(part, "resample_filter", None) is not None:
            part.__dict__["resample_filter"] = Filter(part._buffers.pop("resample_filter").numpy())
    return net


def karras(low, high):
    """The paper's equation 5."""
    r = np.linspace(0, 1, STEPS)
    return (high ** (1 / RHO) + r * (low ** (1 / RHO) - high ** (1 / RHO))) ** RHO


def main():
    p = folder.options(__doc__, "network-snapshot-*.pkl, or a published one")
    p.add_argument("--label", type=int, help="the class that a class-conditional network is to draw")
    p.add_argument("--denoiser", action="store_true", help="keep EDM's preconditioning inside the ONNX file")
    a = folder.parsed(p)
    net = opened(a)
    net.use_fp16 = False
    folder.check_label(a, net.label_dim)
    kind = type(net).__name__
    levels = len({k.split("_")[0] for k in net.model.enc})  # blocks are named by their resolution
    common = dict(family=f"{type(net.model).__name__} of EDM ({kind})", channels=net.img_channels,
                  size=net.img_resolution, multiple=2 ** (levels - 1), clip=False, cite=[CITE],
                  schedule=folder.betas_of(karras(max(LOW, net.sigma_min), min(HIGH, net.sigma_max))))
    if kind == "EDMPrecond" and not a.denoiser:
        folder.write(folder.Model(Inner(net, a.label), time="log_sigma_quarter", output={
            "meaning": "edm", "sigma_data": float(net.sigma_data)}, **common), a)
    else:
        folder.write(folder.Model(Denoiser(net, a.label), time="sigma", output={"meaning": "x0"}, **common), a)


if __name__ == "__main__":
    main()
