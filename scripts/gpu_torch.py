"""Time of a step of a network like the bundled nuclei model in PyTorch, eager and compiled, for gpu-check.sh.

Weights are random: they do not change the time. Writes lines part,case,setting,quantity,value.
"""
import argparse
import os
import statistics
import sys
import time

import torch

sys.path.insert(0, os.environ.get("TRAINING", os.path.join(os.path.dirname(__file__), "..", "models", "training")))
from nets import build  # noqa: E402

PARAMETERS = 5_188_068  # of the bundled model, by its card


def network(widths):
    torch.manual_seed(0)
    return build({"task": "prior", "channels": 1, "widths": widths, "d": 0.5, "mean": -0.5}).eval()


def milliseconds(net, batch, side, device, repeats):
    x = torch.randn(batch, 1, side, side, device=device)
    level = torch.full((batch, 1), 0.7, device=device)

    def step():
        out = net(x, level)
        if device == "cuda":
            torch.cuda.synchronize()
        return out

    times = []
    with torch.inference_mode():
        for _ in range(3):
            step()
        for _ in range(repeats):
            start = time.perf_counter()
            step()
            times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times), min(times)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--device", default="cuda")
    p.add_argument("--batches", default="1x64,1x256,8x256,32x256,1x512")
    p.add_argument("--repeats", type=int, default=20)
    p.add_argument("--widths", default="32,64,96,128")
    p.add_argument("--no-compile", action="store_true")
    p.add_argument("--out", required=True)
    a = p.parse_args()
    if a.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("PyTorch sees no CUDA device.")
    net = network([int(w) for w in a.widths.split(",")]).to(a.device)
    count = sum(w.numel() for w in net.parameters())
    if count != PARAMETERS:
        print(f"The network has {count} parameters, the bundled model {PARAMETERS}: times are of another network.")
    with open(a.out, "w", encoding="utf-8") as out:
        for tf32 in (False, True):
            torch.backends.cuda.matmul.allow_tf32 = tf32
            torch.backends.cudnn.allow_tf32 = tf32
            for name in ("eager",) if a.no_compile else ("eager", "torch.compile"):
                run = net if name == "eager" else torch.compile(net)
                for batch in a.batches.split(","):
                    n, side = (int(v) for v in batch.split("x"))
                    setting = f"{name} {torch.__version__} TF32 {'on' if tf32 else 'off'} {a.device}"
                    try:
                        median, best = milliseconds(run, n, side, a.device, a.repeats)
                    except RuntimeError as e:
                        print(f"{setting}, {batch}: {str(e).splitlines()[0]}")
                        continue
                    for quantity, value in (("ms per step (median)", median), ("ms per step (best)", best)):
                        out.write(f"torch,{n} x {side} x {side},{setting},{quantity},{value:.4f}\n")
                    out.flush()


if __name__ == "__main__":
    main()
