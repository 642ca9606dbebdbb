"""Writes the tiny ONNX models that the tests run, and the broken ones that the tests expect to be refused.

Rerun from the root of the repository:

    python3 src/test/python/make_onnx_fixtures.py            write the files (needs numpy and onnx)
    python3 src/test/python/make_onnx_fixtures.py --check    check the files, write nothing (needs onnxruntime as well)

Every model is an exact noise predictor: the distribution of its images is known in closed form, so nothing was
trained and a test can tell the right answer from a plausible one. With a = abar[t], the product of (1 - beta) up to
and including the 0-based index t of the linear schedule beta = 1e-4 .. 0.02 over 1000 steps,

    x_t = sqrt(a) x_0 + sqrt(1 - a) eps            a noisy image, (B,C,H,W)
    eps = E[eps | x_t]                             what the model returns, (B,C,H,W)

Gaussian images: every pixel is N(m, s2), independently of all others.
    eps = sqrt(1 - a) (x - sqrt(a) m) / (a s2 + 1 - a)
    x0  = m + sqrt(a) s2 (x - sqrt(a) m) / (a s2 + 1 - a)
    v   = sqrt(a) eps - sqrt(1 - a) x0
    score = -eps / sqrt(1 - a)
    F, the output of an EDM network for data of standard deviation d, whose input is y = x / sqrt(1 - a + a d^2) and
    whose time is c = ln(s) / 4, s = sqrt((1 - a) / a); from D = c_skip x / sqrt(a) + c_out F = x0, with no difference
    of large numbers left:
        F = s (m sqrt(s^2 + d^2) + y (s2 - d^2)) / (d (s2 + s^2))
Mixture images: every pixel is drawn from sum_k w_k N(m_k, s_k^2); with v_k = a s_k^2 + 1 - a,
    r_k = softmax_k(log w_k - (x - sqrt(a) m_k)^2 / (2 v_k) - log(v_k) / 2)
    eps = sqrt(1 - a) sum_k r_k (x - sqrt(a) m_k) / v_k

The schedule's tables are computed in float64 and stored in float32. 1 - a has a table of its own, because float32
arithmetic would lose three digits of it at small t.

The output is the same, byte for byte, at every run; it was made with numpy 2.4 and onnx 1.23. The SHA-256 sums of the
models go to models/SHA256SUMS, to be read by `sha256sum -c SHA256SUMS` in that folder.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper, parser

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
MODELS = RESOURCES / "models"
BROKEN = RESOURCES / "broken"
POINTS = RESOURCES / "reference" / "onnx_fixture_points.json"

STEPS = 1000
ALPHAS_CUMPROD = np.cumprod(1 - np.linspace(1e-4, 0.02, STEPS))  # float64, (1000)
SCALED_LINEAR = np.cumprod(1 - np.linspace(0.00085**0.5, 0.012**0.5, 500) ** 2)  # (500)


def zero_terminal_snr(alphas_cumprod):
    """The same with the last level made pure noise, Lin et al. 2024, algorithm 1."""
    root = np.sqrt(alphas_cumprod)
    return ((root - root[-1]) * root[0] / (root[0] - root[-1])) ** 2


ZERO_TERMINAL = zero_terminal_snr(ALPHAS_CUMPROD)

MEAN, VARIANCE = 0.3, 0.04  # one grey value
SIGMA_DATA = 0.5
RGB_MEAN = np.array([0.3, -0.2, 0.1]).reshape(1, 3, 1, 1)
WEIGHTS, MEANS, DEVIATIONS = np.array([0.3, 0.7]), np.array([-0.5, 0.5]), np.array([0.1, 0.1])

TOLERANCE = 5e-5  # of a float32 graph against float64


# The graphs, in ONNX's textual syntax. Names that no node defines (alpha, m, ...) are constants, see constants().

GAUSSIAN = """
    abar_t = Gather(abar, index)
    one_minus_abar_t = Gather(one_minus_abar, index)
    alpha_t = Gather(alpha, index)
    sigma_t = Gather(sigma, index)
    expected_x = Mul(alpha_t, m)
    deviation = Sub(x, expected_x)
    signal_variance = Mul(abar_t, s2)
    variance = Add(signal_variance, one_minus_abar_t)
    ratio = Div(deviation, variance)
"""
TO_EPS = """
    eps = Mul(sigma_t, ratio)
"""
TO_X0 = """
    gain = Mul(alpha_t, s2)
    correction = Mul(gain, ratio)
    x0 = Add(m, correction)
"""
TO_V = """
    alpha_eps = Mul(alpha_t, eps)
    sigma_x0 = Mul(sigma_t, x0)
    v = Sub(alpha_eps, sigma_x0)
"""
MIXTURE = """
    abar_t = Gather(abar, index)
    one_minus_abar_t = Gather(one_minus_abar, index)
    alpha_t = Gather(alpha, index)
    sigma_t = Gather(sigma, index)
    pixels = Unsqueeze(x, component_axis)
    expected_x = Mul(alpha_t, means)
    deviation = Sub(pixels, expected_x)
    signal_variance = Mul(abar_t, variances)
    variance = Add(signal_variance, one_minus_abar_t)
    ratio = Div(deviation, variance)
    product = Mul(deviation, ratio)
    distance = Mul(half, product)
    log_variance = Log(variance)
    log_deviation = Mul(half, log_variance)
    log_prior = Sub(log_weights, distance)
    logits = Sub(log_prior, log_deviation)
    responsibility = Softmax<axis = 4>(logits)
    weighted = Mul(responsibility, ratio)
    scaled = Mul(sigma_t, weighted)
    eps = ReduceSum<keepdims = 0>(scaled, component_axis)
"""
TO_SCORE = """
    score = Neg(ratio)
"""
EDM = """
    c = Reshape(t, per_image)
    log_s = Mul(four, c)
    s = Exp(log_s)
    s_squared = Mul(s, s)
    noisy_squared = Add(s_squared, d_squared)
    noisy = Sqrt(noisy_squared)
    from_mean = Mul(m, noisy)
    from_x = Mul(x, s2_minus_d_squared)
    numerator = Add(from_mean, from_x)
    scaled = Mul(s, numerator)
    variance = Add(s_squared, s2)
    denominator = Mul(d, variance)
    f = Div(scaled, denominator)
"""
INDEX = """
    index = Cast<to = 7>(t)
"""


def constants(rank, mean, alphas_cumprod):
    """The constants of the graphs, for images whose tensors have the given rank.

    A table has the shape (T, 1, ...), so that Gather at (B) indices broadcasts against a batch of images.
    """
    table = (len(alphas_cumprod),) + (1,) * (rank - 1)
    floats = {
        "abar": alphas_cumprod.reshape(table),
        "one_minus_abar": (1 - alphas_cumprod).reshape(table),
        "alpha": np.sqrt(alphas_cumprod).reshape(table),
        "sigma": np.sqrt(1 - alphas_cumprod).reshape(table),
        "m": np.asarray(mean),
        "s2": np.asarray(VARIANCE),
        "means": MEANS,
        "variances": DEVIATIONS**2,
        "log_weights": np.log(WEIGHTS),
        "half": np.asarray(0.5),
        "four": np.asarray(4),
        "d": np.asarray(SIGMA_DATA),
        "d_squared": np.asarray(SIGMA_DATA**2),
        "s2_minus_d_squared": np.asarray(VARIANCE - SIGMA_DATA**2),
    }
    arrays = {name: values.astype(np.float32) for name, values in floats.items()}
    arrays["component_axis"] = np.array([4], np.int64)
    arrays["per_image"] = np.array([-1, 1, 1, 1], np.int64)
    arrays["last"] = np.array(STEPS - 1, np.int64)
    return arrays


def build(name, about, inputs, outputs, nodes, rank=4, mean=MEAN, alphas_cumprod=ALPHAS_CUMPROD):
    """One model as bytes; inputs, outputs and nodes in ONNX's textual syntax."""
    model = parser.parse_model(f"""
        <ir_version: 8, opset_import: ["" : 17], producer_name: "make_onnx_fixtures.py">
        {name} ({inputs}) => ({outputs}) {{ {nodes} }}""")
    model.doc_string = about
    used = {value for node in model.graph.node for value in node.input}
    for constant, values in constants(rank, mean, alphas_cumprod).items():
        if constant in used:
            model.graph.initializer.append(numpy_helper.from_array(values, constant))
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def models():
    """The models that work, as a map from the name of the folder to the bytes."""
    grey = "float[batch,1,height,width]"
    rgb = "float[batch,3,height,width]"
    square = "float[batch,1,28,28]"
    x, t, eps = f"{grey} x", "float[batch] t", f"{grey} eps"
    gaussian = INDEX + GAUSSIAN
    law = "Exact noise predictor for pixels N(0.3, 0.04), linear schedule 1e-4..0.02, T=1000"
    return {
        "gauss": build("gauss", law, f"{x}, {t}", eps, gaussian + TO_EPS),
        "gauss-rgb": build(
            "gauss_rgb", law.replace("0.3", "(0.3, -0.2, 0.1)"), f"{rgb} x, {t}", f"{rgb} eps",
            gaussian + TO_EPS, mean=RGB_MEAN),
        "mixture": build(
            "mixture", law.replace("N(0.3, 0.04)", "0.3 N(-0.5, 0.01) + 0.7 N(0.5, 0.01)"), f"{x}, {t}", eps,
            INDEX + MIXTURE, rank=5),
        "gauss-int64": build(
            "gauss_int64", law, f"{grey} sample, int64[batch] timestep", f"{grey} noise_pred",
            "x = Identity(sample) index = Identity(timestep)" + GAUSSIAN + "noise_pred = Mul(sigma_t, ratio)"),
        "gauss-v": build(
            "gauss_v", law + "; returns v", f"{x}, {t}", f"{grey} v", gaussian + TO_EPS + TO_X0 + TO_V),
        "gauss-x0": build("gauss_x0", law + "; returns x0", f"{x}, {t}", f"{grey} x0", gaussian + TO_X0),
        "gauss-2c": build(
            "gauss_2c", law + "; returns eps and a learned-range variance of 0", f"{x}, {t}",
            "float[batch,2,height,width] out",
            gaussian + TO_EPS + """
                shape = Shape(x)
                variance_range = ConstantOfShape<value = float[1] {0.0}>(shape)
                out = Concat<axis = 1>(eps, variance_range)
            """),
        "gauss-fixed28": build(
            "gauss_fixed28", law + "; 28 x 28 only", f"{square} x, {t}", f"{square} eps", gaussian + TO_EPS),
        "gauss-score": build(
            "gauss_score", law + "; returns the score", f"{x}, {t}", f"{grey} score", gaussian + TO_SCORE),
        "gauss-learned": build(
            "gauss_learned", law + "; returns eps and the log variance of x, a s2 + 1 - a", f"{x}, {t}",
            "float[batch,2,height,width] out",
            gaussian + TO_EPS + """
                shape = Shape(x)
                log_variance = Log(variance)
                log_variances = Expand(log_variance, shape)
                out = Concat<axis = 1>(eps, log_variances)
            """),
        "gauss-reversed": build(
            "gauss_reversed", law + "; time 0 is the most noise", f"{x}, int64[batch] t", eps,
            "index = Sub(last, t)" + GAUSSIAN + TO_EPS),
        "gauss-scaled-time": build(
            "gauss_scaled_time",
            law.replace("linear schedule 1e-4..0.02, T=1000", "scaled-linear schedule 0.00085..0.012, T=500")
            + "; time is 2 t", f"{x}, {t}", eps,
            "halved = Mul(half, t) index = Cast<to = 7>(halved)" + GAUSSIAN + TO_EPS, alphas_cumprod=SCALED_LINEAR),
        "gauss-v-zero": build(
            "gauss_v_zero", law + ", zero terminal SNR; returns v", f"{x}, {t}", f"{grey} v",
            gaussian + TO_EPS + TO_X0 + TO_V, alphas_cumprod=ZERO_TERMINAL),
        "gauss-edm": build(
            "gauss_edm", "Exact EDM network F for pixels N(0.3, 0.04), sigma_data 0.5; time is ln(sigma) / 4",
            f"{x}, {t}", f"{grey} f", EDM),
    }


def broken(gauss):
    """Files to be refused, as a map from the file name to the bytes; gauss is the model `gauss`."""
    grey = "float[batch,1,height,width]"
    x, t, eps = f"{grey} x", "float[batch] t", f"{grey} eps"
    row = "float[batch,1,width]"
    return {
        "truncated.onnx": gauss[: len(gauss) * 6 // 10],
        "not-onnx.onnx": b"This is a text file, not an ONNX model.\n",
        "empty.onnx": b"",
        "wrong-rank.onnx": build(
            "wrong_rank", "Images of rank 3", f"{row} x, {t}", f"{row} eps", INDEX + GAUSSIAN + TO_EPS, rank=3),
        "image-to-image.onnx": build(
            "image_to_image", "No time input: not a noise predictor", x, f"{grey} y", "y = Identity(x)"),
        "wrong-output.onnx": build(
            "wrong_output", "Five output channels for one input channel", f"{x}, {t}",
            "float[batch,5,height,width] out",
            INDEX + GAUSSIAN + TO_EPS + "out = Concat<axis = 1>(eps, eps, eps, eps, eps)"),
        "two-times.onnx": build(
            "two_times", "Two inputs that may be the time", f"{x}, {t}, float[batch] t2", eps,
            "latest = Max(t, t2) index = Cast<to = 7>(latest)" + GAUSSIAN + TO_EPS),
    }


def all_files():
    """Everything this script is responsible for, as a map from path to bytes."""
    built = models()
    files = {MODELS / name / "model.onnx": content for name, content in built.items()}
    files |= {BROKEN / name: content for name, content in broken(built["gauss"]).items()}
    sums = [f"{hashlib.sha256(built[name]).hexdigest()}  {name}/model.onnx\n" for name in sorted(built)]
    files[MODELS / "SHA256SUMS"] = "".join(sums).encode()
    return files


def write(files):
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"{len(content):7d} bytes  {path.relative_to(RESOURCES)}")


# ---------------------------------------------------------------------------------------------------------------------
# --check


def check(files):
    """Compares the files with what this script builds, and the models' answers with the reference points."""
    import onnxruntime

    def session(path):
        return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    for path, content in files.items():
        assert path.read_bytes() == content, f"{path} is not what this script builds: rerun it without --check"

    reference = json.loads(POINTS.read_text())
    x = np.array(reference["points"]["x"])  # (X)
    t = np.array(reference["points"]["t"])  # (T)
    gauss = np.array(reference["gauss"])  # eps, (T,X)
    mixture = np.array(reference["gmm"])
    a = ALPHAS_CUMPROD[t][:, None]
    x0 = (x - np.sqrt(1 - a) * gauss) / np.sqrt(a)
    v = np.sqrt(a) * gauss - np.sqrt(1 - a) * x0

    def grey(values):
        return values[:, None, None, :]  # (T,X) as images (T,1,1,X)

    images = grey(np.tile(x, (len(t), 1)))
    coloured = images.repeat(3, axis=1)
    point = np.resize(np.arange(len(x)), (28, 28))  # which point each pixel of a frame shows
    frames = np.tile(x[point], (len(t), 1, 1, 1))
    shift = np.sqrt(1 - a) * np.sqrt(a) / (a * VARIANCE + 1 - a)  # d eps / d(-m)
    shifts = (shift * (MEAN - RGB_MEAN.ravel()))[:, :, None, None]

    def expected_eps(abar):
        return np.sqrt(1 - abar) * (x - np.sqrt(abar) * MEAN) / (abar * VARIANCE + 1 - abar)

    log_variance = np.log(a * VARIANCE + 1 - a) + 0 * gauss
    fewer = np.minimum(t, 998) // 2  # 0 to 499
    z = ZERO_TERMINAL[t][:, None]
    z_x0 = MEAN + np.sqrt(z) * VARIANCE * (x - np.sqrt(z) * MEAN) / (z * VARIANCE + 1 - z)
    z_v = np.sqrt(z) * expected_eps(z) - np.sqrt(1 - z) * z_x0
    s = np.sqrt((1 - a) / a)
    c_in, c_out = 1 / np.sqrt(s**2 + SIGMA_DATA**2), s * SIGMA_DATA / np.sqrt(s**2 + SIGMA_DATA**2)
    f = (x0 - SIGMA_DATA**2 * c_in**2 * x / np.sqrt(a)) / c_out

    cases = {  # name: (images, expected output, times)
        "gauss": (images, grey(gauss), np.float32(t)),
        "gauss-rgb": (coloured, grey(gauss) + shifts, np.float32(t)),
        "mixture": (images, grey(mixture), np.float32(t)),
        "gauss-int64": (images, grey(gauss), np.int64(t)),
        "gauss-v": (images, grey(v), np.float32(t)),
        "gauss-x0": (images, grey(x0), np.float32(t)),
        "gauss-2c": (images, np.concatenate([grey(gauss), 0 * grey(gauss)], axis=1), np.float32(t)),
        "gauss-fixed28": (frames, gauss[:, point][:, None], np.float32(t)),
        "gauss-score": (images, grey(-gauss / np.sqrt(1 - a)), np.float32(t)),
        "gauss-learned": (images, np.concatenate([grey(gauss), grey(log_variance)], axis=1), np.float32(t)),
        "gauss-reversed": (images, grey(gauss), np.int64(STEPS - 1 - t)),
        "gauss-scaled-time": (images, grey(expected_eps(SCALED_LINEAR[fewer][:, None])), np.float32(2 * fewer)),
        "gauss-v-zero": (images, grey(z_v), np.float32(t)),
        "gauss-edm": (grey(c_in * x / np.sqrt(a)), grey(f), np.float32(np.log(s).ravel() / 4)),
    }
    assert cases.keys() == models().keys()
    for name, (batch, expected, times) in cases.items():
        model = session(MODELS / name / "model.onnx")
        image_input, time_input = (i.name for i in model.get_inputs())
        (actual,) = model.run(None, {image_input: batch.astype(np.float32), time_input: times})
        assert actual.shape == expected.shape, f"{name}: {actual.shape}, expected {expected.shape}"
        error = (np.abs(actual - expected) / np.maximum(1, np.abs(expected))).max()
        assert error < TOLERANCE, f"{name}: error {error:.1e}"
        signature = [f"{i.name} {i.type} {i.shape}" for i in (*model.get_inputs(), *model.get_outputs())]
        print(f"{name:17s} error {error:.1e}  {'; '.join(signature)}")

    for name in broken(files[MODELS / "gauss" / "model.onnx"]):
        try:
            model = session(BROKEN / name)
        except Exception as e:  # onnxruntime has one exception class per status code
            print(f"{name:20s} refused by onnxruntime: {type(e).__name__}")
        else:
            signature = [f"{i.name} {i.type} {i.shape}" for i in (*model.get_inputs(), *model.get_outputs())]
            print(f"{name:20s} loads: {'; '.join(signature)}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--check", action="store_true", help="check the files instead of writing them")
    (check if arguments.parse_args().check else write)(all_files())


if __name__ == "__main__":
    main()
