"""Writes the model folder of a network that was trained elsewhere: ONNX file, card, test tensors, README."""
import argparse
import datetime
import importlib
import os
import re
import sys
import tempfile
import types
from dataclasses import dataclass, field
import numpy as np
import onnx
import onnxruntime
import torch
import yaml

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "training"))
from export import TOLERANCE, arguments, axes, half_storage, sha256, tensor  # noqa: E402

MEANINGS = {
    "index": "Index on the noise schedule, 0 = least noise", "scaled_index": "1000 t / T, 0 = least noise",
    "sqrt_alpha_bar": "sqrt(alpha-bar), 1 = no noise", "alpha_bar": "alpha-bar, 1 = no noise",
    "sigma": "sqrt((1 - alpha-bar) / alpha-bar)", "log_sigma_quarter": "ln(sqrt((1 - alpha-bar) / alpha-bar)) / 4",
    "epsilon": "Predicted noise", "x0": "Predicted clean image", "v": "v = alpha eps - sigma x_0",
    "edm": "F of EDM, before its preconditioning"}


@dataclass
class Model:
    """A network and what the card says of it, in the card's words (docs/model-card.md)."""

    net: torch.nn.Module  # forward(x, time), or forward(x, time, condition) where that has an input of its own
    family: str
    channels: int
    size: int  # side of the images it was trained on
    multiple: int
    time: str
    output: dict
    schedule: dict
    clip: bool
    value_range: tuple = (-1, 1)
    layout: str = "vector"
    whole_time: bool = False  # int64
    condition: dict = None
    test_schedule: dict = None
    defaults: dict = field(default_factory=lambda: {"steps": 50, "jump": 5, "resamplings": 4, "eta": 1})
    cite: list = field(default_factory=list)


def options(doc, checkpoint):
    """The options all recipes have."""
    p = argparse.ArgumentParser(description=doc)
    p.add_argument("--repo", required=True, help="your checkout of the code base")
    p.add_argument("--checkpoint", required=True, help=checkpoint)
    p.add_argument("--out", required=True, help="the model's folder, for instance models/mine")
    p.add_argument("--percentiles", default="0,100", help="of an image, that go to the ends of the value range")
    p.add_argument("--fixed", default="0,255",
                   help="grey values of 8-bit images that go there instead of percentiles; none for none")
    p.add_argument("--float32", action="store_true", help="keep weights as they are, not in float16: twice the file")
    arguments(p)
    p.set_defaults(name=None, license=None, domain=None, attribution=None, description=None)
    return p


def parsed(p):
    """The options as given; a foreign model has no licence, domain and attribution but those that are told."""
    a = p.parse_args()
    for key, what in (("license", "the SPDX identifier that the weights were published under"),
                      ("domain", "what the images it was trained on show"),
                      ("attribution", "who trained it, on which data")):
        if not getattr(a, key):
            p.error(f"--{key} is missing: {what}.")
    for key in ("repo", "checkpoint", "config"):
        path = getattr(a, key, None)
        if path and not os.path.exists(path):
            p.error(f"--{key} is {path}, which does not exist.")
    if not re.fullmatch(r"[\d.]+,[\d.]+", a.percentiles):
        p.error(f"--percentiles is {a.percentiles}; it must be two numbers such as 0,100.")
    if not re.fullmatch(r"none|[\d.]+,[\d.]+", a.fixed):
        p.error(f"--fixed is {a.fixed}; it must be two numbers such as 0,255, or none.")
    a.name = a.name or os.path.basename(os.path.abspath(a.out))
    torch.manual_seed(0)
    return a


def check_label(a, classes):
    """Refuses a --label that is none of the classes that the network draws; classes: how many, 0 for none."""
    if not classes and a.label is not None:
        raise SystemExit(f"--label is {a.label}, but the network has no classes.")
    if classes and (a.label is None or not 0 <= a.label < classes):
        raise SystemExit(f"--label is {'missing' if a.label is None else a.label}: the network draws classes, and the card "
                         f"cannot choose one; say which, from 0 to {classes - 1}.")


def import_from(folder, name):
    """A module of the user's checkout, before any other of that name."""
    sys.path.insert(0, os.path.abspath(folder))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as e:
        if e.name and name.startswith(e.name):
            raise SystemExit(f"--repo {folder} holds no {name}: is it a checkout of the right code base?")
        raise SystemExit(f"The code base needs the Python package {e.name}, which is not installed.")


def stand_in(name, **members):
    """Puts a small module where the code base imports one that is not there and that running a network never needs."""
    module = types.ModuleType(name)
    vars(module).update(members)
    sys.modules[name] = module
    return module


def weights(path):
    """A checkpoint of tensors. Only tensors: a file that wants to run code is refused by PyTorch."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as e:
        raise SystemExit(f"{path} cannot be opened ({type(e).__name__}): it must be a checkpoint of tensors and numbers, "
                         "and nothing that runs code.")


def fill(net, state, path, prefix=""):
    """The state in the network, all of it; names without prefix, which others must not lack."""
    if prefix:
        state = {k[len(prefix):]: v for k, v in state.items() if k.startswith(prefix)}
    try:
        net.load_state_dict(state)
    except RuntimeError as e:
        lines = [line.strip() for line in str(e).splitlines()]
        raise SystemExit(f"{path} does not fit the network that the configuration describes: "
                         + " ".join(lines[:2])[:300])
    return net


def betas_of(sigmas):
    """The schedule of a ladder of noise levels sigma beside a signal of scale 1, as betas of the scaled state.

    alpha-bar = 1 / (1 + sigma^2), so beta_t = (sigma_t^2 - sigma_(t-1)^2) / (1 + sigma_t^2), sigma_(-1) = 0.
    """
    s = np.sort(np.asarray(sigmas, np.float64)) ** 2
    return {"kind": "betas", "betas": listed(np.diff(s, prepend=0) / (1 + s))}


class Flow(list):
    """Numbers that stand in lines, not below each other."""


def listed(numbers):
    return Flow(float(f"{v:.12g}") for v in np.asarray(numbers, np.float64))


class Dumper(yaml.SafeDumper):
    pass


Dumper.add_representer(Flow, lambda d, v: d.represent_sequence("tag:yaml.org,2002:seq", v, flow_style=True))


def alpha_bar(schedule):
    """The products of 1 - beta, as the card's schedule says."""
    k, b = schedule["kind"], None
    n = schedule.get("steps", 0)
    if k in ("linear", "scaled_linear", "sigmoid"):
        first, last = schedule["beta_start"], schedule["beta_end"]
        b = {"linear": lambda: np.linspace(first, last, n),
             "scaled_linear": lambda: np.linspace(first ** 0.5, last ** 0.5, n) ** 2,
             "sigmoid": lambda: first + (last - first) / (1 + np.exp(-np.linspace(-6, 6, n)))}[k]()
    elif k == "constant":
        b = np.full(n, schedule["beta"])
    elif k == "cosine":
        f = np.cos((np.arange(n + 1) / n + 0.008) / 1.008 * np.pi / 2) ** 2
        b = np.minimum(1 - f[1:] / f[:-1], 0.999)
    return np.cumprod(1 - np.array(schedule["betas"] if b is None else b))


def trial(m, n, h, w):
    """Inputs to compare with: noise, and levels from the middle of the schedule."""
    abar = alpha_bar(m.schedule)
    t = np.linspace(0.2, 0.7, n + 1)[:n] * (len(abar) - 1)
    a = abar[t.astype(int)]
    sigma = np.sqrt((1 - a) / a)
    level = {"index": np.floor(t), "scaled_index": np.floor(t) * 1000 / len(abar), "sqrt_alpha_bar": np.sqrt(a),
             "alpha_bar": a, "sigma": sigma, "log_sigma_quarter": np.log(sigma) / 4}[m.time]
    level = torch.tensor(level, dtype=torch.int64 if m.whole_time else torch.float32)
    level = level[:, None] if m.layout == "column" else level
    shared = m.condition["channels"] if m.condition and "order" in m.condition else 0
    x = torch.randn(n, m.channels + shared, h, w)
    if m.condition and not shared:
        r = m.condition["factor"] if m.condition.get("enlargement") == "inside" else 1
        return x, level, torch.randn(n, m.condition["channels"], h // r, w // r)
    return x, level


def names(m):
    out = {"epsilon": "eps", "edm": "f"}.get(m.output["meaning"], m.output["meaning"])
    return ["x", "level"] + (["condition"] if m.condition and "order" not in m.condition else []), out


def exported(m, path, free):
    """The network as an ONNX file, of free height and width or of those it was trained on."""
    ins, out = names(m)
    sides = {0: "B", 2: "H", 3: "W"} if free else {0: "B"}
    dynamic = {n: dict(sides) for n in ins + [out]}
    dynamic["level"] = {0: "B"}
    if "condition" in dynamic and free:
        dynamic["condition"] = {0: "B", 2: "h", 3: "w"}
    with tempfile.TemporaryDirectory() as folder:  # PyTorch writes what is above 2 GB into many files
        raw = os.path.join(folder, "raw.onnx")
        torch.onnx.export(m.net, trial(m, 2, m.size, m.size), raw, input_names=ins, output_names=[out],
                          opset_version=17, dynamo=False, dynamic_axes=dynamic)
        onnx.save(half_storage(onnx.load(raw)), path)
    onnx.checker.check_model(path)


def difference(m, path, sizes):
    """The largest one between PyTorch and ONNX Runtime; printed are those of each size, beside what is said there."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    worst = 0
    for n, h, w in sizes:
        values = trial(m, n, h, w)
        with torch.no_grad():
            expected = m.net(*values).numpy()
        got = session.run(None, {k: v.numpy() for k, v in zip(names(m)[0], values)})[0]
        if expected.dtype != np.float32 or got.dtype != np.float32:
            raise SystemExit(f"The network says {expected.dtype} and its ONNX file {got.dtype}; it must be float32.")
        if not np.isfinite(expected).all():
            raise SystemExit("The network says numbers that are not finite: is the checkpoint whole?")
        here = float(np.abs(expected - got).max())
        print(f"{n} of {h} x {w}: output of standard deviation {expected.std():.2g}, PyTorch and ONNX Runtime differ by "
              f"{here:.1e}")
        worst = max(worst, here)
    return worst


def rounded(m):
    """Weights as float16 holds them, so that PyTorch and ONNX Runtime compute the same; says what that changes.

    Vectors stay as they are: they are small, and some, such as the frequencies of Fourier features, need every digit.
    """
    values = trial(m, 1, m.size, m.size)
    with torch.no_grad():
        before = m.net(*values)
        for p in m.net.parameters():
            if p.dim() > 1:
                p.copy_(p.clamp(-65504, 65504).half().float())
        after = m.net(*values)
    scale = before.std().item() or 1.0
    print(f"float16 weights change the output by {(after - before).std().item() / scale:.1e} of its standard deviation")


def write_network(m, path, a):
    """The ONNX file, and whether height and width are free."""
    m.net.eval().requires_grad_(False)
    size = sum(p.numel() for p in m.net.parameters()) * (4 if a.float32 else 2) / 1e9
    if size > 2:
        raise SystemExit(f"The weights take {size:.1f} GB, and an ONNX file holds 2 GB"
                         + ("; leave --float32 out." if a.float32 else "."))
    if not a.float32:
        rounded(m)
    s, step = m.size, m.multiple
    free = True
    try:
        exported(m, path, free)
        worst = difference(m, path, ((2, s, s), (1, s + step, s + 2 * step)))
    except Exception as e:  # of PyTorch, ONNX and ONNX Runtime, which have no common class
        worst = np.inf
        print(f"Not of any size: {str(e).splitlines()[0][:200]}")
    if worst > TOLERANCE:
        free = False
        exported(m, path, free)
        worst = difference(m, path, ((2, s, s), (1, s, s)))
    print(f"for images of any multiple of {step} pixels" if free else f"for images of {s} x {s} pixels only")
    if worst > TOLERANCE:
        raise SystemExit(f"PyTorch and ONNX Runtime differ by more than {TOLERANCE}: the export went wrong.")
    return free


def colours(n):
    return {1: ["grey"], 3: ["red", "green", "blue"]}.get(n, [f"channel_{i}" for i in range(n)])


def sized(m, named, free, like=None, reduction=1):
    """Axes of an image of the card."""
    out = axes(named, m.multiple, like if free else None)
    for axis in out[2:]:
        if not free:
            axis["size"] = m.size // reduction
    return out


def block(m, a, free):
    """config.diffusion of the card."""
    low, high = (float(v) for v in a.percentiles.split(","))
    out = names(m)[1]
    image = {"tensor": "x", "channels": m.channels, "size_multiple": m.multiple}
    if not free:
        image.update(width=m.size, height=m.size)
    image.update(value_range=list(m.value_range), normalization={
        "low_percentile": low, "high_percentile": high, "minimum_span": 8})
    if a.fixed != "none":
        image["normalization"]["fixed_values"] = [float(v) for v in a.fixed.split(",")]
    d = {"format": 1, "domain": a.domain, "attribution": [a.attribution], "image": image,
         "time": {"tensor": "level", "meaning": m.time, "type": "int64" if m.whole_time else "float32",
                  "layout": m.layout},
         "output": {"tensor": out, "channels": m.channels, "variance": "fixed_small", **m.output, "clip": m.clip},
         "schedule": m.schedule}
    if m.condition:
        d["condition"] = {"tensor": "x" if "order" in m.condition else "condition", **m.condition}
    if m.test_schedule:
        d["test_schedule"] = m.test_schedule
    d["defaults"] = m.defaults
    return d


def card(m, a, tests, free):
    ins, out = names(m)
    c, condition = colours(m.channels), m.condition or {}
    seen = [f"{v}_seen" for v in colours(condition.get("channels", 1))]
    shared = {"condition_first": seen + c, "condition_last": c + seen}.get(condition.get("order"), c)
    said = c if m.output.get("channels", m.channels) == m.channels else c + [f"{v}_variance" for v in c]
    level = [{"type": "batch"}] + ([{"type": "index", "size": 1}] if m.layout == "column" else [])
    inputs = [{"id": "x", "description": f"Noisy image, clean images in {list(m.value_range)}",
               "axes": sized(m, shared, free), "data": {"type": "float32"}},
              {"id": "level", "description": MEANINGS[m.time], "axes": level,
               "data": {"type": "int64" if m.whole_time else "float32"}}]
    if "condition" in ins:
        r = condition["factor"] if condition.get("enlargement") == "inside" else 1
        inputs.append({"id": "condition", "description": "The image that the network sees",
                       "axes": sized(m, seen, free, reduction=r), "data": {"type": "float32"}})
    outputs = [{"id": out, "description": MEANINGS[m.output["meaning"]], "data": {"type": "float32"},
                "axes": sized(m, [f"{out}_{v}" for v in said], free, "x")}]
    for t in inputs + outputs:
        t["test_tensor"] = tensor(a.out, t["id"], tests[t["id"]])
    return {
        "format_version": "0.5.7", "type": "model", "name": a.name, "version": a.version,
        "description": a.description or f"Diffusion model of the family {m.family}, exported for Diffusion for ImageJ.",
        "license": a.license, "authors": [{"name": a.author}], "tags": ["diffusion", "imagej", "fiji", "2d"],
        "cite": m.cite, "documentation": "README.md",
        "timestamp": datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0).isoformat(),
        "inputs": inputs, "outputs": outputs,
        "weights": {"onnx": {"source": "model.onnx", "sha256": sha256(os.path.join(a.out, "model.onnx")),
                             "opset_version": 17}},
        "config": {
            "bioimageio": {
                "architecture_type": m.family, "out_of_scope_use": a.not_for,
                "model_parameter_count": sum(p.numel() for p in m.net.parameters()),
                "reproducibility_tolerance": [{"relative_tolerance": 0.0, "absolute_tolerance": TOLERANCE,
                                               "mismatched_elements_per_million": 0}]},
            "diffusion": block(m, a, free)},
    }


def write(m, a):
    """The folder, in --out."""
    os.makedirs(a.out, exist_ok=True)
    path = os.path.join(a.out, "model.onnx")
    free = write_network(m, path, a)
    ins, out = names(m)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    values = dict(zip(ins, (v.numpy() for v in trial(m, 1, m.size, m.size))))
    tests = {**values, out: session.run(None, values)[0]}
    content = card(m, a, tests, free)
    with open(os.path.join(a.out, "rdf.yaml"), "w", encoding="utf-8") as f:
        yaml.dump(content, f, Dumper=Dumper, sort_keys=False, width=120, allow_unicode=True)
    with open(os.path.join(a.out, "README.md"), "w", encoding="utf-8") as f:
        size = "" if free else f"Takes images of {m.size} x {m.size} pixels only; larger ones are cut into tiles.\n\n"
        f.write(f"# {a.name}\n\n{content['description']}\n\n{size}Domain: {a.domain}.\n\nNot for: {a.not_for}\n\n"
                f"{a.attribution}\n")
    print(f"{a.out}: {os.path.getsize(path) / 1e6:.1f} MB")
