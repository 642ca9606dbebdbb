"""NCSNv2 (ermongroup/ncsnv2), trained with denoising score matching on a ladder of noise levels."""
import argparse
import yaml
from torch import nn
import model_folder as folder
from scaled import Ladder

CITE = {"text": "Song Y., Ermon S.: Improved techniques for training score-based generative models. NeurIPS 2020.",
        "doi": "10.48550/arXiv.2006.09011"}
CLASSES = {"CIFAR10": "NCSNv2", "CELEBA": "NCSNv2", "FFHQ": "NCSNv2Deepest", "LSUN": "NCSNv2Deeper"}
MULTIPLES = {"NCSNv2": 8, "NCSNv2Deeper": 8, "NCSNv2Deepest": 16}


class InstanceNorm(nn.Module):
    """Instance normalisation by its definition; PyTorch's cannot be exported where the size of x is free."""

    def __init__(self, eps):
        super().__init__()
        self.eps = eps

    def forward(self, x):
        d = x - x.mean((2, 3), keepdim=True)
        return d / (d.square().mean((2, 3), keepdim=True) + self.eps).sqrt()


def exportable(net):
    for name, child in net.named_children():
        if isinstance(child, nn.InstanceNorm2d) and not child.affine and not child.track_running_stats:
            setattr(net, name, InstanceNorm(child.eps))
        else:
            exportable(child)
    return net


def namespace(v):
    """Mappings as objects with attributes, as the code base wants them."""
    return argparse.Namespace(**{k: namespace(w) for k, w in v.items()}) if isinstance(v, dict) else v


def main():
    p = folder.options(__doc__, "checkpoint_*.pth of the code base")
    p.add_argument("--config", required=True, help="the YAML file it was trained with, configs/*.yml")
    a = folder.parsed(p)
    with open(a.config, encoding="utf-8") as f:
        c = namespace(yaml.safe_load(f))
    c.device = "cpu"
    if c.data.dataset not in CLASSES:
        raise SystemExit(f"data.dataset in {a.config} is {c.data.dataset}; the code base has a network for "
                         f"{', '.join(CLASSES)}.")
    if c.data.logit_transform:
        raise SystemExit(f"data.logit_transform in {a.config} is true: the card has no words for such images.")
    name = CLASSES[c.data.dataset]
    net = getattr(folder.import_from(a.repo, "models.ncsnv2"), name)(c)
    states = folder.weights(a.checkpoint)
    state = {k.removeprefix("module."): v for k, v in (states[0] if isinstance(states, list) else states).items()}
    if c.model.ema and isinstance(states, list):
        state.update(states[-1])  # the averages of the parameters; buffers have none
    exportable(folder.fill(net, state, a.checkpoint))
    folder.write(folder.Model(
        Ladder(net, net.sigmas), family=name, channels=c.data.channels, size=c.data.image_size,
        multiple=MULTIPLES[name], time="sigma", output={"meaning": "epsilon"}, clip=False,
        value_range=(-1, 1) if c.data.rescaled else (0, 1), schedule=folder.betas_of(net.sigmas.double().numpy()),
        cite=[CITE]), a)


if __name__ == "__main__":
    main()
