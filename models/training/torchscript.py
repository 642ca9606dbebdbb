"""Writes the network of a model folder as TorchScript, to compare PyTorch with ONNX Runtime: mvn -P bench.

Reads the weights back from the ONNX file that export.py wrote, so what is traced is what ships. Three files:
OUT.pt (float32), OUT-channels-last.pt (float32, NHWC in memory), OUT-bf16.pt (the U-Net in bfloat16, NHWC).
"""
import argparse
import os
from pathlib import Path
import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import nn
from export import TOLERANCE, inputs
from nets import build


def tensors(graph):
    """All constants of a graph by name; those that half_storage() wrote, as float32 by their old name."""
    found = {w.name: numpy_helper.to_array(w) for w in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            found[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        elif node.op_type == "Cast" and node.input[0] in found and node.input[0].endswith("_f16"):
            found[node.output[0]] = found[node.input[0]].astype(np.float32)
    return found


def factor_of(graph, found, is_other):
    """The constant that a Mul multiplies another tensor by."""
    for node in graph.node:
        if node.op_type == "Mul":
            for constant, other in (node.input, node.input[::-1]):
                if constant in found and found[constant].ndim == 0 and is_other(other):
                    return float(found[constant])
    raise SystemExit("This ONNX file was not written by export.py of this version; export it again.")


def read(path):
    """The network of an ONNX file."""
    graph = onnx.load(path).graph
    found, made = tensors(graph), {o: n for n in graph.node for o in n.output}
    names = [i.name for i in graph.input]
    widths = []
    while f"net.down.{len(widths)}.0.conv1.weight" in found:
        widths.append(found[f"net.down.{len(widths)}.0.conv1.weight"].shape[0])
    channels = found["net.out.weight"].shape[0] // 4
    conditional = found["net.inp.weight"].shape[1] == 8 * channels
    if found["net.inp.weight"].shape[1] > 8 * channels:
        raise SystemExit(f"{path} fills holes; only priors and networks that enlarge or restore are read back.")
    # v = ... - d / sqrt(q) F, and the guess of a prior is its mean: y = x - a mean
    config = {"task": "sr4" if conditional else "prior", "channels": channels, "widths": widths,
              "d": factor_of(graph, found, lambda t: t in made and made[t].op_type == "Reciprocal"), "mean": 0}
    if not conditional:
        config["mean"] = factor_of(graph, found, lambda t: t in made and made[t].op_type == "Unsqueeze"
                                   and made[t].input[0] != names[1])
    net = build(config)
    weights = {k: torch.from_numpy(found[k].copy()) for k in net.state_dict() if k in found}
    # norms are a Mul and an Add of tensors without names, in nodes named after the module
    for node in graph.node:
        module, _, kind = node.name[1:].replace("/", ".").rpartition(".")
        key = f"{module}.{'weight' if kind == 'Mul' else 'bias'}"
        if kind in ("Mul", "Add") and key in net.state_dict() and key not in weights:
            weights[key] = torch.from_numpy(found[node.input[1]].reshape(-1).copy())
    net.load_state_dict(weights)
    return net.requires_grad_(False).eval()


class ChannelsLast(nn.Module):
    """A network whose tensors lie in memory pixel by pixel inside."""

    def __init__(self, net):
        super().__init__()
        self.inner = net.to(memory_format=torch.channels_last)

    def forward(self, x, level):
        return self.inner(x.contiguous(memory_format=torch.channels_last), level).contiguous()


def bf16(net):
    """The U-Net in bfloat16; what stands before and after it stays float32."""
    net.net.bfloat16()
    for module in (net.net.time, net.net.inp):
        module.register_forward_pre_hook(lambda m, args: tuple(a.bfloat16() for a in args))
    return net


def write(net, session, path, most):
    torch.manual_seed(0)
    traced = torch.jit.trace(net, inputs(getattr(net, "inner", net), 1, 64, 64), check_trace=False)
    traced.save(path)
    again = torch.jit.load(path)
    worst = 0
    for n, h, w in ((2, 64, 64), (1, 96, 128)):
        x, level = inputs(getattr(net, "inner", net), n, h, w)
        with torch.no_grad():
            expected = session.run(None, dict(zip((i.name for i in session.get_inputs()),
                                                  (x.numpy(), level.numpy()))))[0]
            worst = max(worst, float(np.abs(expected - again(x, level).numpy()).max()))
    print(f"{path}: largest difference from ONNX Runtime {worst:.1e}")
    if not worst <= most:
        raise SystemExit(f"That is more than {most}.")


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", help="a model folder that export.py wrote, like models/nuclei")
    p.add_argument("--out", required=True, help="file to write, ending in .pt")
    a = p.parse_args()
    onnx_file = os.path.join(a.folder, "model.onnx")
    runtime = onnxruntime.InferenceSession(onnx_file, providers=["CPUExecutionProvider"])
    Path(a.out).absolute().parent.mkdir(parents=True, exist_ok=True)
    stem = a.out.removesuffix(".pt")
    write(read(onnx_file), runtime, stem + ".pt", TOLERANCE)
    write(ChannelsLast(read(onnx_file)), runtime, stem + "-channels-last.pt", TOLERANCE)
    write(ChannelsLast(bf16(read(onnx_file))), runtime, stem + "-bf16.pt", 0.1)
