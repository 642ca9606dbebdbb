"""Holes to learn filling with, and what a network starts from: a smooth fill, and how far the truth may be from it."""
import numpy as np
import torch
import torch.nn.functional as F

LEVELS = 4  # of the pyramid: sides must be multiples of 2 ** LEVELS
WINDOW = 7  # pixels over which the surroundings' variance is taken
DEEP = 9  # pixels from the edge of a hole beyond which depth no longer counts


def shape(size, widest, rng):
    """One box, ellipse, blob or stroke of a brush, True inside, no wider than a number of pixels."""
    yy, xx = np.mgrid[:size, :size] + 0.5
    cy, cx = rng.uniform(0, 1, 2) * size
    kind = rng.random()
    if kind < 0.35:
        h, w = rng.uniform(0.15, 1, 2) * widest
        return (abs(yy - cy) < h / 2) & (abs(xx - cx) < w / 2)
    if kind < 0.55:
        a, b = rng.uniform(0.12, 0.5, 2) * widest
        t = rng.uniform(0, np.pi)
        u, v = (xx - cx) * np.cos(t) + (yy - cy) * np.sin(t), (yy - cy) * np.cos(t) - (xx - cx) * np.sin(t)
        return (u / a) ** 2 + (v / b) ** 2 < 1
    if kind < 0.7:
        t = np.arctan2(yy - cy, xx - cx)
        edge = 1 + sum(rng.normal(0, 0.35 / k) * np.cos(k * t + rng.uniform(0, 2 * np.pi)) for k in range(1, 6))
        return np.hypot(yy - cy, xx - cx) < rng.uniform(0.15, 0.4) * widest * np.maximum(edge, 0.2)
    m = np.zeros((size, size), bool)
    half, t = rng.uniform(0.08, 0.45) * min(widest, size / 4), rng.uniform(0, 2 * np.pi)
    for _ in range(rng.integers(2, 6)):
        t += rng.normal(0, 0.7)
        n = rng.uniform(0.15, 0.5) * size
        dy, dx = n * np.sin(t), n * np.cos(t)
        s = np.clip(((yy - cy) * dy + (xx - cx) * dx) / (n * n), 0, 1)
        m |= np.hypot(yy - cy - s * dy, xx - cx - s * dx) < half
        cy, cx = cy + dy, cx + dx
    return m


def holes(b, size, widest, rng):
    """(b, 1, size, size), 1 = unknown, of shapes no wider than a number of pixels; each hides 2 to 60 % of its patch."""
    out = []
    while len(out) < b:
        share, m = rng.uniform(0.02, 0.3), np.zeros((size, size), bool)
        while m.mean() < share:
            m |= shape(size, widest, rng)
        if m.mean() < 0.6:
            out.append(m)
    return torch.from_numpy(np.stack(out)[:, None].astype(np.float32))


def relaxed(x, value, known, times):
    """Jacobi steps towards Laplace's equation where nothing is known, with no flux through the image's edges."""
    for _ in range(times):
        p = F.pad(x, [1] * 4, mode="replicate")
        around = (p[:, :, :-2, 1:-1] + p[:, :, 2:, 1:-1] + p[:, :, 1:-1, :-2] + p[:, :, 1:-1, 2:]) / 4
        x = torch.where(known, value, around)
    return x


def smooth_fill(value, known):
    """value (B, C, H, W) where known (B, 1, H, W) is 1; elsewhere nearly harmonic, from coarse to fine."""
    v, w = value * known, known
    pyramid = [(v, w > 0)]
    for _ in range(LEVELS):
        v, w = F.avg_pool2d(v * w, 2), F.avg_pool2d(w, 2)
        v = v / w.clamp(min=1e-3)
        w = (w > 0).to(v.dtype)
        pyramid.append((v, w > 0))
    mean = (v * w).sum((2, 3), keepdim=True) / w.sum((2, 3), keepdim=True).clamp(min=1)
    x = relaxed(torch.where(pyramid[-1][1], v, mean), *pyramid[-1], 4)
    for v, w in reversed(pyramid[:-1]):
        x = relaxed(torch.where(w, v, F.interpolate(x, scale_factor=2.0, mode="nearest")), v, w, 3)
    return x


def along(x, reach, join):
    """x joined with its neighbours up to reach pixels away, along the rows and then along the columns."""
    for dim in (2, 3):
        n = x.shape[dim] - 2 * reach
        parts = [x.narrow(dim, k, n) for k in range(2 * reach + 1)]
        x = parts[0]
        for p in parts[1:]:
            x = join(x, p)
    return x


def local_variance(x, known):
    """(B, 1, H, W): variance of the known pixels of a window, mean of the channels; 0 where there are none."""
    c, r = x.shape[1], WINDOW // 2
    x = x * known
    sums = along(F.pad(torch.cat([x, (x * x).mean(1, keepdim=True), known], 1), [r] * 4), r, torch.add)
    count = sums[:, c + 1:].clamp(min=1)
    return (sums[:, c:c + 1] / count - ((sums[:, :c] / count) ** 2).mean(1, keepdim=True)).clamp(min=0)


def depth(known):
    """(B, 1, H, W): pixels to the edge of the hole, at most DEEP; 0 where the image is known."""
    inside = 1 - known
    d = inside
    for _ in range(DEEP - 1):
        inside = along(F.pad(inside, [1] * 4, value=1.0), 1, torch.minimum)
        d = d + inside
    return d


def surroundings(seen, known):
    """(smooth fill (B, C, H, W), log of the variance round the hole, log of the depth (B, 1, H, W))."""
    c = seen.shape[1]
    filled = smooth_fill(torch.cat([seen, local_variance(seen, known)], 1), known)
    return filled[:, :c], (filled[:, c:].clamp(min=0) + 1e-4).log(), depth(known).clamp(min=1).log()


def opponents(channels):
    """Orthonormal rows: brightness, and for three channels red against blue, green against both."""
    if channels == 1:
        return torch.ones(1, 1)
    rows = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [1.0, -2.0, 1.0]])
    return rows / rows.norm(dim=1, keepdim=True)


def spread(x, unknown):
    """[w_0, w_1, w_2, ...] of log d^2 = w_0 log variance + w_1 log depth + w_(2 + colour), by maximum likelihood."""
    guess, variance, deep = surroundings(x * (1 - unknown), 1 - unknown)
    inside = (unknown > 0)[:, 0]
    turned = F.conv2d(x - guess, opponents(x.shape[1])[:, :, None, None])
    target = (turned ** 2).movedim(1, 0)[:, inside].double()  # (C, pixels)
    terms = torch.cat([variance, deep], 1).movedim(1, 0)[:, inside].double()
    w = torch.zeros(2 + x.shape[1], dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([w], max_iter=200, line_search_fn="strong_wolfe")

    def loss():
        solver.zero_grad()
        log = w[:2] @ terms + w[2:, None]
        value = (log + target * torch.exp(-log)).mean()
        value.backward()
        return value

    solver.step(loss)
    return [round(float(v), 3) for v in w.detach()]
