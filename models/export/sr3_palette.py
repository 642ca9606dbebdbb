"""Janspiry's SR3 (Image-Super-Resolution-via-Iterative-Refinement) and Palette (Palette-Image-to-Image-...)."""
import importlib.util
import json
import os
import numpy as np
import torch
from torch import nn
import model_folder as folder

SR3 = {"text": "Saharia C. et al.: Image super-resolution via iterative refinement. IEEE TPAMI 2022.",
       "doi": "10.1109/TPAMI.2022.3204461"}
PALETTE = {"text": "Saharia C. et al.: Palette: image-to-image diffusion models. SIGGRAPH 2022.",
           "doi": "10.1145/3528233.3530757"}
TASKS = {"inpainting": "inpaint", "uncropping": "uncrop", "colorization": "colorize"}


class Grey(nn.Module):
    """A network whose condition is a grey image in three equal channels: it takes the one channel."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x, level):
        return self.net(torch.cat([x[:, :1].expand(-1, 3, -1, -1), x[:, 1:]], 1), level)


def configuration(path):
    """JSON in which // begins a comment."""
    with open(path, encoding="utf-8") as f:
        text = "\n".join(line.split("//")[0] for line in f)
    try:
        return json.loads(text)
    except json.JSONDecodeError as e:
        raise SystemExit(f"--config {path} is no JSON: {e}")


def at(c, path, *keys):
    for k in keys:
        try:
            c = c[k]
        except (KeyError, IndexError, TypeError):
            raise SystemExit(f"--config {path} holds no {'.'.join(str(k) for k in keys)}: is it the training's file?")
    return c


def schedule(s):
    kind, n = s["schedule"], s["n_timestep"]
    first, last = s.get("linear_start", 1e-6), s.get("linear_end", 1e-2)
    if kind in ("linear", "quad"):
        return {"kind": {"quad": "scaled_linear"}.get(kind, kind), "steps": n, "beta_start": first, "beta_end": last}
    if kind == "cosine":
        return {"kind": "cosine", "steps": n}
    if kind == "const":
        return {"kind": "constant", "steps": n, "beta": last}
    if kind in ("warmup10", "warmup50"):
        betas = np.full(n, last)
        rise = int(n * int(kind[-2:]) / 100)
        betas[:rise] = np.linspace(first, last, rise)
        return {"kind": "betas", "betas": folder.listed(betas)}
    raise SystemExit(f"The schedule is {kind}, which the card has no words for.")


def schedules(beta, run):
    """The training's, and that of runs where it is another."""
    out = {"schedule": schedule(beta["train"])}
    other = schedule(beta[run]) if run in beta else out["schedule"]
    if other != out["schedule"]:
        out["test_schedule"] = other
    return out


def module(repo, *path):
    """One file of the checkout; the packages round it would import what only training needs."""
    file = os.path.join(repo, *path)
    if not os.path.exists(file):
        raise SystemExit(f"--repo {repo} holds no {os.path.join(*path)}: is it a checkout of the right code base?")
    spec = importlib.util.spec_from_file_location("foreign_unet", file)
    m = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(m)
    return m


def sr3(a, c):
    m = at(c, a.config, "model")
    u, levels = dict(at(m, a.config, "unet")), m.get("which_model_G", "sr3") == "sr3"
    d = at(m, a.config, "diffusion")
    mults = u.pop("channel_multiplier", u.pop("channel_mults", None))
    net = module(a.repo, "model", "sr3_modules" if levels else "ddpm_modules", "unet.py").UNet(
        **{**u, "norm_groups": u.get("norm_groups") or 32}, channel_mults=mults, image_size=d["image_size"])
    folder.fill(net, folder.weights(a.checkpoint), a.checkpoint, "denoise_fn.")
    condition = None
    if d.get("conditional"):
        sides = at(c, a.config, "datasets", "train")
        condition = {"order": "condition_first", "channels": u["in_channel"] - u["out_channel"], "task": "upscale",
                     "factor": at(sides, a.config, "r_resolution") // at(sides, a.config, "l_resolution"),
                     "enlargement": "bicubic"}
    scheme = schedules(at(m, a.config, "beta_schedule"), "val")
    if not levels:
        scheme.pop("test_schedule", None)  # a network that is told an index knows no other schedule
    return folder.Model(
        net, family="SR3" if levels else "DDPM", channels=u["out_channel"], size=d["image_size"],
        multiple=2 ** (len(mults) - 1), time="sqrt_alpha_bar" if levels else "index",
        layout="column" if levels else "vector", output={"meaning": "epsilon"}, clip=True, condition=condition,
        cite=[SR3], **scheme)


def palette(a, c):
    network = at(c, a.config, "model", "which_networks", 0, "args")
    u = dict(at(network, a.config, "unet"))
    kind = network.get("module_name", "sr3")
    if kind == "guided_diffusion":
        unet = folder.import_from(os.path.join(a.repo, "models"), "guided_diffusion_modules.unet")
        # nobody asks for gradients, so nothing need be computed twice to save memory
        unet.checkpoint = lambda function, inputs, parameters, flag: function(*inputs)
        UNet = unet.UNet
    else:
        UNet = module(a.repo, "models", "sr3_modules", "unet.py").UNet
    net = UNet(**u)
    folder.fill(net, folder.weights(a.checkpoint), a.checkpoint, "denoise_fn.")
    task = TASKS.get(at(c, a.config, "model", "which_model", "args").get("task"), "restore")
    condition = {"order": "condition_first", "channels": u["in_channel"] - u["out_channel"], "task": task}
    if task == "colorize" and condition["channels"] == 3:
        net, condition["channels"] = Grey(net), 1
    if task in ("inpaint", "uncrop"):
        condition.update(fill="noise", start="condition")
    return folder.Model(
        net, family="Palette", channels=u["out_channel"], size=u["image_size"],
        multiple=2 ** (len(u.get("channel_mults", (1, 2, 4, 8))) - 1), time="alpha_bar", layout="column",
        output={"meaning": "epsilon"}, clip=True, condition=condition, cite=[PALETTE],
        **schedules(at(network, a.config, "beta_schedule"), "test"))


def main():
    p = folder.options(__doc__, "*_gen.pth of SR3, *_Network.pth or *_Network_ema.pth of Palette")
    p.add_argument("--config", required=True, help="the JSON file it was trained with")
    a = folder.parsed(p)
    c = configuration(a.config)
    folder.write((palette if "which_networks" in at(c, a.config, "model") else sr3)(a, c), a)


if __name__ == "__main__":
    main()
