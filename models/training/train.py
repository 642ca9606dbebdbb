"""Trains a noise predictor on a folder of images and exports it as a model for Diffusion for ImageJ."""
import argparse
import copy
import math
import os
import time
import numpy as np
import torch
import data
import export
import holes
import sample
from descent import Descent, Shares
from nets import build

MARGIN = 16
TASK_FACTORS = {"prior": 1, "sr4": 4, "restore": 1, "inpaint": 1}
CLIPPED = ("prior", "inpaint")  # whose clean images are limited to [-1, 1]


def alpha_bar(steps=1000, first=1e-4, last=0.02):
    return torch.cumprod(1 - torch.linspace(first, last, steps, dtype=torch.float64), 0).float()


def stratified(b):
    """One number in [0, 1) per image, spread evenly: less variance than independent ones."""
    return (torch.rand(()) + torch.arange(b) / b) % 1


def levels(n, d, abar):
    """sqrt(alpha-bar) of n images, (n, 1, 1, 1).

    Seven in ten get a uniform angle of noise and residual, the others a uniform index of the schedule: a
    conditional network has little to say at high noise, a prior decides there what the image shows.
    """
    low = math.atan((1 / abar[0].item() - 1) ** 0.5 / d)
    u = stratified(n).to(abar.device)
    ratio = (low + u * (0.5 * math.pi - low - 1e-3)).tan() * d  # s / a
    a = (1 / (1 + ratio * ratio)).sqrt()
    index = (u * len(abar)).long()
    return torch.where(torch.rand(n, device=abar.device) < 0.7, a, abar[index].sqrt())[:, None, None, None]


class Pairs:
    """What a network of a task is trained on: patches, and what it sees of them, (B, C, H, W), or None."""

    def __init__(self, a, images, limits, seed):
        self.task, self.size, self.widest, self.rng = a.task, a.size, a.widest, np.random.default_rng(seed)
        self.patches = data.Patches(images, a.size, limits, a.task in CLIPPED, seed)

    def batch(self, b):
        if self.task == "prior":
            return self.patches.batch(b), None
        if self.task == "inpaint":
            unknown = holes.holes(b, self.size, self.widest, self.rng)
            x0 = data.stretched(self.patches.batch(b), unknown, self.rng)
            return x0, x0 * (1 - unknown)
        return data.degraded(self.patches.batch(b, MARGIN), TASK_FACTORS[self.task], self.rng, MARGIN)


def spread_of(config, x0, seen):
    """What the configuration has to say about the residuals: the mean of all images, and how large r is."""
    if config["task"] == "inpaint":
        config["spread"] = holes.spread(x0, (seen == 0).all(1, keepdim=True).float())
        d = build(dict(config, d=1.0)).known(seen)[1][:, 0]  # of brightness
        config["d"] = round(float(d[d > 0].log().mean().exp()), 3)
        return
    if seen is None:
        config["mean"] = round(float(x0.mean()), 3)
    config["d"] = round(float((x0 - (config["mean"] if seen is None else seen)).std()), 3)
    if config["d"] == 0:
        raise SystemExit("The patches hold nothing to learn: they are all alike.")


def checked(a, p):
    """The limits and widths that the options say; one sentence for each that cannot be."""
    def numbers(name, kind):
        try:
            return [kind(v) for v in getattr(a, name).split(",")]
        except ValueError:
            p.error(f"--{name} is {getattr(a, name)}; it must be numbers with commas between them.")

    limits, widths = numbers("percentiles", float), numbers("widths", int)
    if len(limits) != 2 or not 0 <= limits[0] < limits[1] <= 100:
        p.error(f"--percentiles is {a.percentiles}; it must be two numbers from 0 to 100, the smaller one first.")
    if any(w < 8 or w % 8 for w in widths):
        p.error(f"--widths is {a.widths}; each must be a multiple of 8.")
    multiple = max(export.multiple(a.task, widths), TASK_FACTORS[a.task])
    if a.size < multiple or a.size % multiple:
        p.error(f"--size is {a.size}; with {len(widths)} widths it must be a multiple of {multiple}.")
    for name, low in (("minutes", 0), ("batch", 1), ("widest", 4), ("rate", 0), ("decay", 0)):
        v = getattr(a, name)
        if v < low or v == 0:
            p.error(f"--{name} is {v:g}; it must be {f'at least {low}' if low else 'above 0'}.")
    return limits, widths


def begun(checkpoint, config):
    """What an earlier run left at --out, or None. Its network is trained further, so it must be the one asked for."""
    if not os.path.exists(checkpoint):
        return None
    try:
        state = torch.load(checkpoint, map_location="cpu")
        before = state["config"]
        before["d"]  # networks of the first version have none
    except Exception as e:  # whatever a broken file does
        raise SystemExit(f"{checkpoint} is no checkpoint of this program ({type(e).__name__}); move it away or choose "
                         "another --out.")
    for key, value in config.items():
        if before.get(key, value) != value:
            raise SystemExit(f"--{key} is {value}, but the training that {checkpoint} continues has {before[key]}: "
                             "give the same, or choose another --out.")
    return state


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--images", required=True,
                   help="folder of TIFF, PNG or JPEG files, 8 or 16 bits, grey or RGB (16-bit RGB: TIFF)")
    p.add_argument("--out", required=True, help="the model's folder, for instance models/mine")
    p.add_argument("--task", choices=tuple(TASK_FACTORS), default="prior")
    p.add_argument("--minutes", type=float, default=60, help="of this run; a run with the same --out goes on after it")
    p.add_argument("--channels", type=int, choices=(1, 3), default=1)
    p.add_argument("--size", type=int, default=64, help="side of a training patch, a multiple of 16")
    p.add_argument("--widths", default="32,64,96,128")
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--rate", type=float, default=4e-4)
    p.add_argument("--decay", type=float, default=0.3, help="share of the time over which the rate falls")
    p.add_argument("--percentiles", default="1,99.8", help="limits that go to -1 and 1")
    p.add_argument("--widest", type=int, default=40, help="pixels that the holes of --task inpaint are wide, at most")
    p.add_argument("--threads", type=int, default=0)
    p.add_argument("--steps", type=int, default=0, help="stop after so many steps, whatever the time")
    export.arguments(p)
    a = p.parse_args()
    limits, widths = checked(a, p)
    config = dict(task=a.task, channels=a.channels, widths=widths, percentiles=a.percentiles)
    checkpoint = a.out.rstrip("/") + ".pt"
    state = begun(checkpoint, config)
    if a.threads:
        torch.set_num_threads(a.threads)
    seed = int(time.time())
    torch.manual_seed(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    margin = 2 * MARGIN if a.task in ("sr4", "restore") else 0
    images = data.load(data.files(a.images), a.channels, a.size + margin, limits)
    # one image in twenty is for looking at only, always the same ones
    held_out = images[::20] if len(images) >= 20 else images
    shown = [im for k, im in enumerate(images) if k % 20] if len(images) >= 20 else images
    threads = torch.get_num_threads()
    sources = [Pairs(a, shown, limits, seed + k) for k in range(Shares.count(threads, a.batch, device))]

    if state:
        config = state["config"]
    # what the program warns by; measured anew where an old checkpoint goes on
    config["trained_on"] = data.ranges(images, limits)
    if not state:
        spread_of(config, *sources[0].batch(512 if a.task == "inpaint" else a.batch))
    net = build(config).to(device, memory_format=torch.channels_last)
    ema = copy.deepcopy(net)
    descent = Descent(net, a.rate)
    shares = Shares(net, sources, threads)
    step = minutes_before = 0
    if state:
        net.load_state_dict(state["net"])
        ema.load_state_dict(state["ema"])
        if "descent" in state:  # others are from before it was Muon
            descent.go_on(state["descent"])
        step, minutes_before = state["step"], state["minutes"]
    abar = alpha_bar().to(device)
    print(config, f"{sum(q.numel() for q in net.parameters()) / 1e6:.1f} M parameters on {device}", flush=True)

    start = saved = time.time()
    mean = None

    def save():
        os.makedirs(os.path.dirname(os.path.abspath(checkpoint)), exist_ok=True)
        torch.save(dict(net=net.state_dict(), ema=ema.state_dict(), descent=descent.state(), step=step,
                        minutes=minutes_before + (time.time() - start) / 60, config=config), checkpoint + ".new")
        os.replace(checkpoint + ".new", checkpoint)

    while True:
        minutes = (time.time() - start) / 60
        if minutes > a.minutes or (a.steps and step >= a.steps):
            break
        left = 1 - minutes / a.minutes
        rate = a.rate * min(1, (step + 1) / 200) * min(1.0, max(0.02, left / a.decay))
        loss, gradients = shares.gradients(a.batch, lambda n: levels(n, net.d, abar))
        descent.step(gradients, rate)
        step += 1
        decay = min(0.9995, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(list(ema.parameters()), list(net.parameters()), 1 - decay)
        mean = loss if mean is None else 0.98 * mean + 0.02 * loss
        if step % 50 == 0:
            print(f"step {step} images {step * a.batch} minutes {minutes:.1f} loss {mean:.4f}", flush=True)
        if time.time() - saved > 300:
            saved = time.time()
            save()
    save()
    net, _ = export.load(checkpoint)
    export.write(checkpoint, a.out, a)
    sample.cover(net, a.out, abar.cpu(), None if a.task == "prior" else Pairs(a, held_out, limits, 1).batch(8))


if __name__ == "__main__":
    main()
