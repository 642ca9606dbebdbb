"""Patches to train on: random crops of a folder's images, in the range the network sees."""
import glob
import os
import numpy as np
import torch
import torch.nn.functional as F

FORMATS = (".png", ".tif", ".tiff", ".jpg", ".jpeg")


def read(path):
    """An image file as float32 (H, W) or (H, W, 3), values as they are in the file."""
    a = opened(path)
    if a.dtype.kind not in "uif":
        raise ValueError(f"pixels of type {a.dtype}")
    while a.ndim > 3 or (a.ndim == 3 and a.shape[-1] not in (3, 4)):
        a = a[a.shape[0] // 2]  # the middle plane of a stack
    if a.ndim < 2:
        raise ValueError(f"{a.ndim} dimensions")
    return a[..., :3] if a.ndim == 3 else a


def opened(path):
    """The numbers of a file. Pillow makes 16-bit colour 8-bit, so such a PNG is read for what it is, or not at all."""
    if path.lower().endswith((".tif", ".tiff")):
        import tifffile
        with tifffile.TiffFile(path) as t:
            a, order = t.series[0].asarray(), t.series[0].axes
        return np.moveaxis(a, order.index("S"), -1) if "S" in order else a  # colours may stand before the rows
    from PIL import Image
    with open(path, "rb") as f:
        head = f.read(26)
    if head[:4] == b"\x89PNG" and len(head) == 26 and head[24] == 16 and head[25] in (2, 4, 6):
        raise ValueError("PNG of 16 bits with colours or transparency, of which Pillow reads 8; save it as TIFF")
    with Image.open(path) as im:
        if im.mode in ("P", "RGBA", "CMYK", "LA", "PA", "YCbCr", "HSV", "LAB"):
            im = im.convert("RGB")
        return np.asarray(im.convert("L") if im.mode == "1" else im)


def files(folder):
    """Image files below a folder, sorted."""
    if not os.path.isdir(folder):
        raise SystemExit(f"--images is {folder}, which is no folder.")
    found = [f for f in glob.glob(os.path.join(glob.escape(folder), "**", "*"), recursive=True)
             if f.lower().endswith(FORMATS)]
    if not found:
        raise SystemExit(f"{folder} holds no {', '.join(FORMATS)} files.")
    return sorted(found)


def load(paths, channels, side, percentiles):
    """Images of the files that can be trained on, with the wanted channels; one line says why others cannot.

    Grey images are repeated, colour ones averaged. None may be smaller than side x side pixels.
    """
    out = []
    for p in paths:
        try:
            a = read(p)
        except Exception as e:  # whatever a broken file does to the library that reads it
            why = (str(e) or type(e).__name__).splitlines()[0]
            print(f"skipped {p}: it cannot be read ({why})", flush=True)
            continue
        if a.dtype not in (np.uint8, np.uint16):
            a = a.astype(np.float32)
        reason = unusable(a, side, percentiles)
        if reason:
            print(f"skipped {p}: {reason}", flush=True)
            continue
        if channels == 1 and a.ndim == 3:
            a = a.mean(-1).astype(np.float32)
        if channels == 3 and a.ndim == 2:
            a = np.stack([a] * 3, -1)
        out.append(a)
    if not out:
        raise SystemExit(f"None of the {len(paths)} image files can be trained on; the lines above say why.")
    return out


def unusable(a, side, percentiles):
    """Why an image cannot be trained on, or None."""
    h, w = a.shape[:2]
    if min(h, w) < side:
        return f"it has {w} x {h} pixels, fewer than the {side} x {side} that a patch needs; see --size"
    if not np.isfinite(a).all():
        return "it holds numbers that are not finite"
    low, high = np.percentile(a, percentiles)
    if a.min() == a.max() or (low == high and a.dtype != np.uint8):  # the span of 8-bit images is never less than 8
        return f"its percentiles {percentiles[0]:g} and {percentiles[1]:g} are both {low:g}; see --percentiles"
    return None


def interpolate(x, size):
    """Keys' bicubic kernel with a = -0.5, stretched when it shrinks: what the program does too."""
    return F.interpolate(x, size, mode="bicubic", antialias=True, align_corners=False)


def blur(x, sigma):
    """Gaussian blur with one sigma (pixels) per image; 0 leaves an image as it is."""
    radius = 6
    r = torch.arange(-radius, radius + 1, dtype=torch.float32)
    k = torch.exp(-0.5 * (r[None] / sigma.clamp(min=1e-3)[:, None]) ** 2)
    k = (k / k.sum(1, keepdim=True)).repeat_interleave(x.shape[1], 0)
    n, c, h, w = x.shape
    y = F.pad(x.reshape(1, n * c, h, w), [radius] * 4, mode="reflect")
    y = F.conv2d(y, k[:, None, :, None], groups=n * c)
    return F.conv2d(y, k[:, None, None, :], groups=n * c).reshape(n, c, h, w)


def grainy(x, gain, read_noise):
    """Poisson-Gaussian noise in [-1, 1]: variance gain * brightness + read_noise^2 of the span 0..1."""
    v = (x * 0.5 + 0.5).clamp(min=0)
    std = (gain[:, None, None, None] * v + read_noise[:, None, None, None] ** 2).sqrt()
    return x + 2 * std * torch.randn_like(x)


def ranges(images, percentiles):
    """What the card's trained_on says: 1st to 99th percentile of the images' means and standard deviations.

    Measured as the program does: each channel by its own limits, limited to [-1, 1].
    """
    found = []
    for im in images:
        a = im.reshape(im.shape[0] * im.shape[1], -1).astype(np.float32)
        lo, hi = np.percentile(a, percentiles, axis=0)
        hi = np.maximum(hi, lo + (8 if im.dtype == np.uint8 else 1e-6))
        a = np.clip((a - lo) / (hi - lo) * 2 - 1, -1, 1)
        found.append((a.mean(dtype=np.float64), a.std(dtype=np.float64)))
    outwards = lambda v: [float(np.floor(np.percentile(v, 1) * 100) / 100), float(np.ceil(np.percentile(v, 99) * 100) / 100)]
    mean, deviation = np.array(found).T
    return {"mean": outwards(mean), "deviation": outwards(deviation)}


class Patches:
    """Random patches in [-1, 1], by percentile limits of each image."""

    def __init__(self, images, size, percentiles, clip, seed):
        self.images, self.size, self.clip = images, size, clip
        self.rng = np.random.default_rng(seed)
        self.limits = []
        for im in images:
            lo, hi = np.percentile(im, percentiles[0]), np.percentile(im, percentiles[1])
            eight = im.dtype == np.uint8
            self.limits.append((float(lo), float(max(hi, lo + (8 if eight else 1e-6)))))
        area = np.array([im.shape[0] * im.shape[1] for im in images], float)
        self.p = np.sqrt(area) / np.sqrt(area).sum()

    def one(self, size):
        r = self.rng
        k = r.choice(len(self.images), p=self.p)
        im, (lo, hi) = self.images[k], self.limits[k]
        n = min(int(round(size / r.uniform(0.6, 1.0))), *im.shape[:2])
        y, x = r.integers(0, im.shape[0] - n + 1), r.integers(0, im.shape[1] - n + 1)
        a = im[y:y + n, x:x + n].astype(np.float32)
        if im.dtype == np.uint8:
            a = a + r.uniform(-0.5, 0.5, a.shape).astype(np.float32)
        a = np.rot90((a - lo) / (hi - lo) * 2 - 1, r.integers(4))
        if r.random() < 0.5:
            a = a[:, ::-1]
        if self.clip:
            a = np.clip(a, -1, 1)
        t = torch.from_numpy(np.ascontiguousarray(a))
        t = t[None] if t.ndim == 2 else t.permute(2, 0, 1)
        return t if n == size else interpolate(t[None], (size, size))[0]

    def batch(self, b, margin=0):
        return torch.stack([self.one(self.size + 2 * margin) for _ in range(b)])


def stretched(x, unknown, rng, share=0.7, span=8 / 127.5):
    """Patches of which some are brought to the limits of each channel's known pixels, at least a span apart.

    Those are the limits of the window that the program shows a network which fills a hole.
    """
    hidden = torch.where(unknown > 0, torch.inf, 0.0)
    low, high = (x + hidden).amin((2, 3), keepdim=True), (x - hidden).amax((2, 3), keepdim=True)
    y = ((x - low) / (high - low).clamp(min=span) * 2 - 1).clamp(-1, 1)
    return torch.where(torch.from_numpy(rng.random(len(x)) < share)[:, None, None, None], y, x)


def degraded(clean, factor, rng, margin):
    """(clean, condition) of a batch: shrunk and enlarged again (factor > 1), or blurred and noisy.

    Half of the images are blurred by 0.3 to 1.5 pixels, half get Poisson-Gaussian noise (of the
    small image: gain up to 0.02, read noise up to 0.03 of the image's span; five times as much
    where nothing is shrunk).
    """
    b = clean.shape[0]
    pick = lambda share, lo, hi: torch.from_numpy((rng.uniform(lo, hi, b) * (rng.random(b) < share)).astype(np.float32))
    y = blur(clean, pick(0.5, 0.3, 1.5))
    size = clean.shape[2:]
    if factor > 1:
        y = interpolate(y, (size[0] // factor, size[1] // factor))
    noisy, strength = (rng.random(b) < 0.5), (1 if factor > 1 else 5)
    on = torch.from_numpy(noisy.astype(np.float32))
    y = grainy(y, on * pick(1, 0, 0.02 * strength), on * pick(1, 0, 0.03 * strength))
    if factor > 1:
        y = interpolate(y, size)
    m = slice(margin, -margin)
    return clean[:, :, m, m].contiguous(), y[:, :, m, m].contiguous()
