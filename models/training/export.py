"""Exports a checkpoint of train.py as a model folder: network, card, test tensors, sample picture."""
import argparse
import datetime
import hashlib
import os
import numpy as np
import onnx
import onnxruntime
import torch
import yaml
from onnx import TensorProto, helper, numpy_helper
from holes import LEVELS
from nets import Filling, build

TOLERANCE = 1e-4
TASKS = {"sr4": "upscale", "restore": "restore", "inpaint": "inpaint"}
CITED = {
    "sr4": {"text": "Saharia C. et al.: Image super-resolution via iterative refinement. IEEE TPAMI 2022.",
            "doi": "10.1109/TPAMI.2022.3204461"},
    "inpaint": {"text": "Saharia C. et al.: Palette: Image-to-image diffusion models. SIGGRAPH 2022.",
                "doi": "10.1145/3528233.3530757"}}


def exact(a):
    with np.errstate(over="ignore"):
        return bool((a.astype(np.float16).astype(np.float32) == a).all())


def half_storage(model, keep_below=64):
    """float32 weights stored as float16 behind a Cast, which ONNX Runtime folds when it loads the file.

    Only those that float16 holds exactly, see rounded(): tables of constants are none of them.
    """
    kept, casts = [], []
    for w in model.graph.initializer:
        a = numpy_helper.to_array(w)
        if a.dtype == np.float32 and a.size >= keep_below and exact(a):
            half = numpy_helper.from_array(a.astype(np.float16), w.name + "_f16")
            kept.append(half)
            casts.append(helper.make_node("Cast", [half.name], [w.name], to=TensorProto.FLOAT))
        else:
            kept.append(w)
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    for c in reversed(casts):
        model.graph.node.insert(0, c)
    return model


def rounded(net):
    """The weights as they will be stored, so that PyTorch and ONNX Runtime compute the same."""
    with torch.no_grad():
        for p in net.parameters():
            if p.numel() >= 64:
                p.copy_(p.half().float())
    return net.eval()


def load(checkpoint):
    ck = torch.load(checkpoint, map_location="cpu")
    net = build(ck["config"])
    net.load_state_dict(ck["ema"])
    return rounded(net), ck


def inputs(net, n, h, w):
    level = torch.linspace(0.1, 0.95, n)[:, None] if n > 1 else torch.full((1, 1), 0.7)
    x = torch.randn(n, net.channels * (2 if net.sees else 1), h, w)
    if isinstance(net, Filling):
        x[:, :net.channels, h // 4:h // 2, w // 4:w // 2] = 0
    return x, level


def write_network(net, path):
    torch.manual_seed(0)
    names, out = net.inputs, net.output
    axes = {names[0]: {0: "B", 2: "H", 3: "W"}, names[1]: {0: "B"}, out: {0: "B", 2: "H", 3: "W"}}
    torch.onnx.export(net, inputs(net, 2, 64, 64), path, input_names=list(names), output_names=[out],
                      opset_version=17, dynamo=False, dynamic_axes=axes)
    onnx.save(half_storage(onnx.load(path)), path)
    onnx.checker.check_model(path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    worst = 0
    for n, h, w in ((2, 64, 64), (1, 96, 128)):
        x, t = inputs(net, n, h, w)
        with torch.no_grad():
            expected = net(x, t).numpy()
        got = session.run(None, {names[0]: x.numpy(), names[1]: t.numpy()})[0]
        worst = max(worst, float(np.abs(expected - got).max()))
    print(f"largest difference between PyTorch and ONNX Runtime: {worst:.1e}")
    if worst > TOLERANCE:
        raise SystemExit(f"That is more than {TOLERANCE}: the export went wrong.")
    x, t = inputs(net, 1, 32, 32)
    return {names[0]: x.numpy(), names[1]: t.numpy(),
            out: session.run(None, {names[0]: x.numpy(), names[1]: t.numpy()})[0]}


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def multiple(task, widths):
    """What the sides of an image must be a multiple of."""
    return 2 ** max(len(widths), LEVELS if task == "inpaint" else 0)


def tensor(folder, name, values):
    path = os.path.join(folder, f"test_{name}.npy")
    np.save(path, values)
    return {"source": os.path.basename(path), "sha256": sha256(path)}


def axes(names, multiple, like=None):
    size = {"min": multiple, "step": multiple}
    return [{"type": "batch"}, {"type": "channel", "channel_names": names}] + [
        {"type": "space", "id": a, "size": {"tensor_id": like, "axis_id": a} if like else dict(size)} for a in "yx"]


def card(net, ck, folder, tests, a):
    config, (x, t), out = ck["config"], net.inputs, net.output
    sides = multiple(config["task"], config["widths"])
    colours = ["grey"] if net.channels == 1 else ["red", "green", "blue"]
    seen = [f"{c}_seen" for c in colours] + colours if net.sees else colours
    low, high = (float(v) for v in config["percentiles"].split(","))
    time_axes = [{"type": "batch"}, {"type": "index", "size": 1}]
    diffusion = {
        "format": 1,
        "domain": a.domain,
        "attribution": [a.attribution],
        "image": {"tensor": x, "channels": net.channels, "size_multiple": sides, "value_range": [-1, 1],
                  "normalization": {"low_percentile": low, "high_percentile": high, "minimum_span": 8}},
        "time": {"tensor": t, "meaning": "sqrt_alpha_bar", "type": "float32", "layout": "column"},
        "output": {"tensor": out, "meaning": "v", "channels": net.channels,
                   "variance": "fixed_small", "clip": config["task"] in ("prior", "inpaint")},
        "schedule": {"kind": "linear", "steps": 1000, "beta_start": 1e-4, "beta_end": 0.02},
        "defaults": {"steps": 50, "jump": 5, "resamplings": 4, "eta": 1},
    }
    if "trained_on" in config:
        diffusion["trained_on"] = dict(
            {"bits": [int(b) for b in a.bits.split(",")]} if a.bits else {},
            colour="grey" if net.channels == 1 else "rgb", **config["trained_on"])
    if net.sees:
        diffusion["condition"] = {"tensor": x, "order": "condition_first", "channels": net.channels,
                                  "task": TASKS[config["task"]]}
        if config["task"] == "sr4":
            diffusion["condition"].update(factor=4, enlargement="bicubic")
        if config["task"] == "inpaint":
            diffusion["condition"].update(fill="zero", start="noise")
    model = os.path.join(folder, "model.onnx")
    return {
        "format_version": "0.5.7", "type": "model", "name": a.name, "version": a.version,
        "description": a.description, "license": a.license,
        "authors": [{"name": a.author}],
        "tags": ["diffusion", "imagej", "fiji", "2d", config["task"]],
        "cite": [{"text": "Ho J., Jain A., Abbeel P.: Denoising diffusion probabilistic models. NeurIPS 2020.",
                  "doi": "10.48550/arXiv.2006.11239"}]
        + [CITED[t] for t in CITED if t == config["task"]],
        "documentation": "README.md", "covers": ["cover.png"],
        "timestamp": datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0).isoformat(),
        "inputs": [
            {"id": x, "description": "Noisy image, clean images in [-1, 1]"
             + (", after the condition's channels" if net.sees else ""), "axes": axes(seen, sides),
             "data": {"type": "float32"}, "test_tensor": tensor(folder, x, tests[x])},
            {"id": t, "description": "sqrt(alpha-bar), 1 = no noise", "axes": time_axes,
             "data": {"type": "float32"}, "test_tensor": tensor(folder, t, tests[t])}],
        "outputs": [
            {"id": out, "description": "v = alpha eps - sigma x_0",
             "axes": axes([f"{out}_{c}" for c in colours], sides, x), "data": {"type": "float32"},
             "test_tensor": tensor(folder, out, tests[out])}],
        "weights": {"onnx": {"source": "model.onnx", "sha256": sha256(model), "opset_version": 17}},
        "config": {
            "bioimageio": {
                "architecture_type": "U-Net", "out_of_scope_use": a.not_for,
                "model_parameter_count": sum(p.numel() for p in net.parameters()),
                "training": {"training_preprocessing":
                             f"Per image, percentiles {low:g} and {high:g} to [-1, 1]; random patches.",
                             "training_duration": round(ck["minutes"] / 60, 2)},
                "reproducibility_tolerance": [{"relative_tolerance": 0.0, "absolute_tolerance": TOLERANCE,
                                               "mismatched_elements_per_million": 0}]},
            "diffusion": diffusion},
    }


def arguments(p):
    p.add_argument("--name", default="A model of my own")
    p.add_argument("--version", default="1.0.0")
    p.add_argument("--description", default="Diffusion model trained with models/training of Diffusion for ImageJ.")
    p.add_argument("--license", default="CC0-1.0", help="SPDX identifier, of the weights")
    p.add_argument("--author", default="unknown")
    p.add_argument("--domain", default="images like those it was trained on")
    p.add_argument("--bits", default="", help="bits of a grey value of the images it is for, like 8 or 8,16; empty: any")
    p.add_argument("--attribution", default="Trained on images of its author.")
    p.add_argument("--not-for", default="What it draws is invented: never count, segment or measure it, and never use "
                   "it as evidence. Not for diagnosis. Not for images unlike those it was trained on.")


def write(checkpoint, folder, a):
    os.makedirs(folder, exist_ok=True)
    net, ck = load(checkpoint)
    tests = write_network(net, os.path.join(folder, "model.onnx"))
    with open(os.path.join(folder, "rdf.yaml"), "w", encoding="utf-8") as f:
        yaml.safe_dump(card(net, ck, folder, tests, a), f, sort_keys=False, width=120, allow_unicode=True)
    readme = os.path.join(folder, "README.md")
    if not os.path.exists(readme):
        with open(readme, "w", encoding="utf-8") as f:
            f.write(f"# {a.name}\n\n{a.description}\n\nDomain: {a.domain}.\n\nNot for: {a.not_for}\n\n{a.attribution}\n")
    print(f"{folder}: {os.path.getsize(os.path.join(folder, 'model.onnx')) / 1e6:.1f} MB, "
          f"{ck['step']} steps, {ck['minutes']:.0f} minutes of training")


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("checkpoint", help="file written by train.py")
    p.add_argument("--out", required=True, help="the model's folder")
    arguments(p)
    a = p.parse_args()
    write(a.checkpoint, a.out, a)
