"""UNet2DModel of diffusers (DDPM, DDIM and score-SDE VE pipelines without text)."""
import json
import os
import sys
import numpy as np
from torch import nn
import model_folder as folder
from scaled import Score

DDPM = {"text": "Ho J., Jain A., Abbeel P.: Denoising diffusion probabilistic models. NeurIPS 2020.",
        "doi": "10.48550/arXiv.2006.11239"}
SDE = {"text": "Song Y. et al.: Score-based generative modeling through stochastic differential equations. ICLR 2021.",
       "doi": "10.48550/arXiv.2011.13456"}
OUTPUTS = {"epsilon": "epsilon", "sample": "x0", "v_prediction": "v"}
KINDS = {"linear": "linear", "scaled_linear": "scaled_linear", "squaredcos_cap_v2": "cosine", "sigmoid": "sigmoid"}


class Plain(nn.Module):
    """The tensor of the network's answer, and of nothing else; with the class it is told where it has classes."""

    def __init__(self, net, label):
        super().__init__()
        self.net, self.label = net, label

    def forward(self, x, level):
        if self.label is None:
            return self.net(x, level, return_dict=False)[0]
        label = level.new_full((x.shape[0],), self.label).long()
        return self.net(x, level, class_labels=label, return_dict=False)[0]


def find(checkpoint, names):
    """The first of the files that is there."""
    for name in names:
        path = os.path.join(checkpoint, name)
        if os.path.exists(path):
            return path
    raise SystemExit(f"{checkpoint} holds no {' and no '.join(names)}: is it a folder of a diffusers pipeline?")


def read(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def schedule(s, path):
    kind, steps = s.get("beta_schedule", "linear"), s.get("num_train_timesteps", 1000)
    if s.get("trained_betas") is not None:
        out = {"kind": "betas", "betas": folder.listed(s["trained_betas"])}
    elif kind not in KINDS:
        raise SystemExit(f"beta_schedule in {path} is {kind}, which the card has no words for; it has {', '.join(KINDS)}.")
    else:
        out = {"kind": KINDS[kind], "steps": steps}
        if kind != "squaredcos_cap_v2":
            out.update(beta_start=s.get("beta_start", 1e-4), beta_end=s.get("beta_end", 0.02))
    if s.get("rescale_betas_zero_snr"):
        out["zero_terminal_snr"] = True
    return out


def variance(kind, twice, path):
    """The card's word for variance_type, which must be a learned one where the channels come twice."""
    kind = kind.replace("_log", "")
    if twice != kind.startswith("learned"):
        raise SystemExit(f"variance_type in {path} is {kind}, but the network has {'twice' if twice else 'just'} the "
                         "image's channels: say with --variance what is right.")
    return kind


def main():
    p = folder.options(__doc__, "folder of the pipeline, or of its unet")
    p.add_argument("--variance", choices=("fixed_small", "fixed_large", "learned", "learned_range"))
    p.add_argument("--label", type=int, help="the class that a class-conditional network is to draw")
    a = folder.parsed(p)
    sys.path.insert(0, os.path.join(os.path.abspath(a.repo), "src"))
    UNet2DModel = folder.import_from(a.repo, "diffusers").UNet2DModel
    unet = os.path.dirname(find(a.checkpoint, ("unet/config.json", "config.json")))
    path = find(a.checkpoint, ("scheduler/scheduler_config.json", "scheduler_config.json"))
    c, s = read(os.path.join(unet, "config.json")), read(path)
    if c.get("_class_name", "UNet2DModel") != "UNet2DModel":
        raise SystemExit(f"The network of {unet} is a {c['_class_name']}; this recipe is for UNet2DModel.")
    kind, prediction = s.get("_class_name", "DDPMScheduler"), s.get("prediction_type", "epsilon")
    exploding = c.get("time_embedding_type") == "fourier"
    if "FlowMatch" in kind or prediction not in OUTPUTS or exploding != (kind == "ScoreSdeVeScheduler"):
        raise SystemExit(f"{path} says {kind}, prediction_type {prediction}, time_embedding_type "
                         f"{c.get('time_embedding_type')}: the card has no words for that.")
    net = UNet2DModel.from_pretrained(unet).float()
    if net.config.class_embed_type:
        raise SystemExit(f"The network of {unet} has classes of the type {net.config.class_embed_type}, which this recipe "
                         "cannot tell it.")
    folder.check_label(a, net.config.num_class_embeds or 0)
    config = net.config
    size = config.sample_size if isinstance(config.sample_size, int) else min(config.sample_size or [64])
    common = dict(channels=config.in_channels, size=size, multiple=2 ** (len(config.block_out_channels) - 1),
                  value_range=(0, 1) if config.center_input_sample else (-1, 1), family="UNet2DModel of diffusers")
    if exploding:
        low, high, n = (s.get(k, d) for k, d in (
            ("sigma_min", 0.01), ("sigma_max", 1348.0), ("num_train_timesteps", 2000)))
        folder.write(folder.Model(
            Score(Plain(net, a.label)), time="sigma", output={"meaning": "epsilon"}, clip=False,
            schedule=folder.betas_of(np.geomspace(low, high, n)), cite=[SDE], **common), a)
        return
    twice = config.out_channels == 2 * config.in_channels
    folder.write(folder.Model(
        Plain(net, a.label), time="index", whole_time=config.time_embedding_type == "learned",
        output={"meaning": OUTPUTS[prediction], "channels": config.out_channels,
                "variance": variance(a.variance or s.get("variance_type", "fixed_small"), twice, path)},
        clip=s.get("clip_sample", True), schedule=schedule(s, path), cite=[DDPM], **common), a)


if __name__ == "__main__":
    main()
