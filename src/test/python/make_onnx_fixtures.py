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
    the score of a variance-exploding state y = x_0 + s eps: (m - y) / (s^2 + s2)
Mixture images: every pixel is drawn from sum_k w_k N(m_k, s_k^2); with v_k = a s_k^2 + 1 - a,
    r_k = softmax_k(log w_k - (x - sqrt(a) m_k)^2 / (2 v_k) - log(v_k) / 2)
    eps = sqrt(1 - a) sum_k r_k (x - sqrt(a) m_k) / v_k
Images with a condition: every pixel is N(k c + m, s2), c being the condition there, so that all of the above holds
with k c + m in the place of m. In the models cond-*, c comes
    first    as channels before those of the image, one for each (SR3)
    last     as a channel after that of the image (Palette)
    pairs    as in separate, but as two channels before that of the image, and for two images at a time only
    separate from an input of two channels, c = 0.5 c_0 + 0.3 c_1
    inside   from an input of half the height and width, each pixel of which stands for four (guided SuperRes)
    residual in the same way from four features that the encoder makes of a small image l: l, l / 2, -l, 1 + l;
             c = 0.4 f_0 + 0.4 f_1 - 0.2 f_2 + 0.1 f_3 = 0.9 l + 0.1, and the images are residuals (SRDiff)
Noise level of a state y whose clean pixels are N(m, s2): mean(y^2) = a (m^2 + s2) + 1 - a on average, so
    a = (1 - mean(y^2)) / (1 - m^2 - s2)

Networks that are told a or sqrt(a) itself compute 1 - a in float64 from what they are told. For all others the
schedule's tables are computed in float64 and stored in float32. 1 - a has a table of its own, because float32
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
BARE = RESOURCES / "bare"
POINTS = RESOURCES / "reference" / "onnx_fixture_points.json"

STEPS = 1000
ALPHAS_CUMPROD = np.cumprod(1 - np.linspace(1e-4, 0.02, STEPS))  # float64, (1000)
SCALED_LINEAR = np.cumprod(1 - np.linspace(0.00085**0.5, 0.012**0.5, 500) ** 2)  # (500)


def zero_terminal_snr(alphas_cumprod):
    """The same with the last level made pure noise, Lin et al. 2024, algorithm 1."""
    root = np.sqrt(alphas_cumprod)
    return ((root - root[-1]) * root[0] / (root[0] - root[-1])) ** 2


def cosine(steps):
    """Nichol and Dhariwal 2021, equation 17."""
    f = np.cos((np.arange(steps + 1) / steps + 0.008) / 1.008 * np.pi / 2) ** 2
    return np.cumprod(1 - np.minimum(1 - f[1:] / f[:-1], 0.999))


COSINE = cosine(100)
ZERO_TERMINAL = zero_terminal_snr(ALPHAS_CUMPROD)

MEAN, VARIANCE = 0.3, 0.04  # one grey value
SIGMA_DATA = 0.5
RGB_MEAN = np.array([0.3, -0.2, 0.1]).reshape(1, 3, 1, 1)
WEIGHTS, MEANS, DEVIATIONS = np.array([0.3, 0.7]), np.array([-0.5, 0.5]), np.array([0.1, 0.1])

GAIN = 0.8  # k, of a condition
FIRST_MEAN = np.array([0.1, -0.2, 0.05]).reshape(1, 3, 1, 1)  # m of cond-first
RESIDUAL_MEAN = -0.05  # m of cond-residual
BLEND = np.array([0.5, 0.3]).reshape(1, 2, 1, 1)  # of the two channels of cond-separate
FEATURE_GAIN = np.array([1, 0.5, -1, 1]).reshape(1, 4, 1, 1)
FEATURE_OFFSET = np.array([0, 0, 0, 1]).reshape(1, 4, 1, 1)
FEATURE_WEIGHTS = np.array([0.4, 0.4, -0.2, 0.1]).reshape(4, 1, 1, 1)

TOLERANCE = 5e-5  # of a float32 graph against float64


# The graphs, in ONNX's textual syntax. Names that no node defines (alpha, m, ...) are constants, see constants().

TABLES = """
    abar_t = Gather(abar, index)
    one_minus_abar_t = Gather(one_minus_abar, index)
    alpha_t = Gather(alpha, index)
    sigma_t = Gather(sigma, index)
"""
GAUSSIAN_AT_LEVEL = """
    expected_x = Mul(alpha_t, m)
    deviation = Sub(x, expected_x)
    signal_variance = Mul(abar_t, s2)
    variance = Add(signal_variance, one_minus_abar_t)
    ratio = Div(deviation, variance)
"""
GAUSSIAN = TABLES + GAUSSIAN_AT_LEVEL
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
EXPLODING_SCORE = """
    s = Reshape(timestep, per_image)
    s_squared = Mul(s, s)
    variance = Add(s_squared, s2)
    deviation = Sub(m, sample)
    out_sample = Div(deviation, variance)
"""
INDEX = """
    index = Cast<to = 7>(t)
"""
FROM_SQRT_ABAR = """
    told = Cast<to = 11>(t)
    exact_alpha = Reshape(told, per_image)
    exact_abar = Mul(exact_alpha, exact_alpha)
"""
FROM_ABAR = """
    told = Cast<to = 11>(t)
    exact_abar = Reshape(told, per_image)
    exact_alpha = Sqrt(exact_abar)
"""
LEVEL = """
    exact_one_minus_abar = Sub(exact_one, exact_abar)
    exact_sigma = Sqrt(exact_one_minus_abar)
    abar_t = Cast<to = 1>(exact_abar)
    one_minus_abar_t = Cast<to = 1>(exact_one_minus_abar)
    alpha_t = Cast<to = 1>(exact_alpha)
    sigma_t = Cast<to = 1>(exact_sigma)
"""
GIVEN = """
    from_condition = Mul(k, c)
    mean = Add(from_condition, m)
    expected_x = Mul(alpha_t, mean)
    deviation = Sub(state, expected_x)
    signal_variance = Mul(abar_t, s2)
    variance = Add(signal_variance, one_minus_abar_t)
    ratio = Div(deviation, variance)
    eps = Mul(sigma_t, ratio)
"""
ABAR_OF_STATE = """
    squares = Mul(y, y)
    power = ReduceMean<axes = [1, 2, 3], keepdims = 0>(squares)
    noiseless = Sub(one, power)
    a = Div(noiseless, gap)
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
        "k": np.asarray(GAIN),
        "blend": BLEND,
        "four_pixels": np.ones((1, 1, 2, 2)),
        "block": np.ones((1, 1, 8, 8)),
        "zero": np.asarray(0),
        "feature_gain": FEATURE_GAIN,
        "feature_offset": FEATURE_OFFSET,
        "feature_pixels": FEATURE_WEIGHTS * np.ones((1, 1, 2, 2)),
        "one": np.asarray(1),
        "gap": np.asarray(1 - MEAN**2 - VARIANCE),
    }
    arrays = {name: values.astype(np.float32) for name, values in floats.items()}
    arrays["component_axis"] = np.array([4], np.int64)
    arrays["per_image"] = np.array([-1, 1, 1, 1], np.int64)
    arrays["exact_one"] = np.array(1, np.float64)
    arrays["one_each"] = np.array([1, 1], np.int64)
    arrays["two_and_one"] = np.array([2, 1], np.int64)
    arrays["three_each"] = np.array([3, 3], np.int64)
    arrays["channel_axis"] = np.array([1], np.int64)
    arrays["column"] = np.array([-1, 1], np.int64)
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
        "gauss-ve": build(
            "gauss_ve", "Exact score of x_0 + sigma eps for pixels N(0.3, 0.04); time is sigma",
            f"{grey} sample, float[batch] timestep", f"{grey} out_sample", EXPLODING_SCORE),
        "gauss-diffusers/unet": build(
            "gauss_diffusers", law, f"{grey} sample, int64[batch] timestep", f"{grey} out_sample",
            "x = Identity(sample) index = Identity(timestep)" + GAUSSIAN + "out_sample = Mul(sigma_t, ratio)"),
    }


def conditional_models():
    """The models with a condition or an estimator, as a map from the file, below models/, to the bytes."""
    grey, half = "float[batch,1,height,width]", "float[batch,1,half_height,half_width]"
    features = "float[batch,4,half_height,half_width]"
    eps, column = f"{grey} eps", "float[batch,1] t"
    law = "Exact noise predictor for pixels N(0.8 c + m, 0.04), "
    estimate = "Estimates the noise beside pixels N(0.3, 0.04)"
    return {
        "cond-first/model.onnx": build(
            "cond_first", law + "c before x, any preserving schedule",
            f"float[batch,6,height,width] x, {column}", "float[batch,3,height,width] eps",
            FROM_SQRT_ABAR + LEVEL + "c, state = Split<axis = 1>(x, three_each)" + GIVEN, mean=FIRST_MEAN),
        "cond-last/model.onnx": build(
            "cond_last", law + "c after x, any preserving schedule",
            f"float[batch,2,height,width] x, {column}", eps,
            FROM_ABAR + LEVEL + "state, c = Split<axis = 1>(x, one_each)" + GIVEN),
        "cond-separate/model.onnx": build(
            "cond_separate", law + "linear schedule 1e-4..0.02, T=1000",
            f"{grey} x, float[batch] t, float[batch,2,height,width] degraded", eps,
            INDEX + TABLES + """
                blended = Mul(degraded, blend)
                c = ReduceSum<keepdims = 1>(blended, channel_axis)
                state = Identity(x)
            """ + GIVEN),
        "cond-pairs/model.onnx": build(
            "cond_pairs", law + "c before x, two images at a time, any preserving schedule",
            "float[2,3,height,width] x, float[2,1] t", "float[2,1,height,width] eps",
            FROM_SQRT_ABAR + LEVEL + """
                degraded, state = Split<axis = 1>(x, two_and_one)
                blended = Mul(degraded, blend)
                c = ReduceSum<keepdims = 1>(blended, channel_axis)
            """ + GIVEN),
        "cond-inside/model.onnx": build(
            "cond_inside", law + "linear schedule 1e-4..0.02, T=1000; and a learned-range variance of 0",
            f"{grey} x, float[batch] t, {half} small", "float[batch,2,height,width] out",
            INDEX + TABLES + """
                c = ConvTranspose<strides = [2, 2]>(small, four_pixels)
                state = Identity(x)
            """ + GIVEN + """
                shape = Shape(x)
                variance_range = ConstantOfShape<value = float[1] {0.0}>(shape)
                out = Concat<axis = 1>(eps, variance_range)
            """),
        "cond-residual/model.onnx": build(
            "cond_residual", law + "cosine schedule, T=100", f"{grey} x, int64[batch] t, {features} features", eps,
            TABLES.replace("index", "t") + """
                c = ConvTranspose<strides = [2, 2]>(features, feature_pixels)
                state = Identity(x)
            """ + GIVEN, mean=RESIDUAL_MEAN, alphas_cumprod=COSINE),
        "cond-residual/encoder.onnx": build(
            "encoder", "Four features of a pixel", f"{half} image", f"{features} features",
            "gained = Mul(image, feature_gain) features = Add(gained, feature_offset)"),
        "gauss-level/model.onnx": build(
            "gauss_level", "Exact noise predictor for pixels N(0.3, 0.04), any preserving schedule",
            f"{grey} x, float[batch] t", eps, FROM_SQRT_ABAR + LEVEL + GAUSSIAN_AT_LEVEL + TO_EPS),
        "gauss-level/level-abar.onnx": build("level_abar", estimate, f"{grey} y", "float[batch] a", ABAR_OF_STATE),
        "gauss-level/level-log.onnx": build(
            "level_log", estimate, f"{grey} y", "float[batch,1] level",
            ABAR_OF_STATE + "noise = Sub(one, a) log_noise = Log(noise) level = Reshape(log_noise, column)"),
        "gauss-level/level-sqrt.onnx": build(
            "level_sqrt", estimate, f"{grey} y", "float[batch] level", ABAR_OF_STATE + "level = Sqrt(a)"),
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


def bare(gauss):
    """Files that come without a card, as a map from the file name to the bytes; gauss is the model `gauss`."""
    grey, law = "float[batch,1,height,width]", "Exact noise predictor for pixels N(0.3, 0.04)"
    free, fixed = "float[batch,1,height,width] x, float[batch] t", "float[batch,1,28,28] x, float[batch] t"
    gaussian = INDEX + GAUSSIAN
    described = onnx.load_model_from_string(build(
        "described", law + ", cosine schedule, T=100; returns v", "float[1,1,height,width] x, int32[1] t",
        f"{grey} v", "index = Cast<to = 7>(t)" + GAUSSIAN + TO_EPS + TO_X0 + TO_V, alphas_cumprod=COSINE))
    for key, value in {"prediction_type": "v_prediction", "beta_schedule": "squaredcos_cap_v2",
                       "num_train_timesteps": "100", "license": "CC0-1.0"}.items():
        described.metadata_props.add(key=key, value=value)
    return {
        "plain.onnx": gauss,
        "fixed28.onnx": build("fixed28", law, fixed, "float[batch,1,28,28] eps", gaussian + TO_EPS),
        "described.onnx": described.SerializeToString(),
        "halves.onnx": build(
            "halves", law + "; 16-bit floats outside, 32-bit ones inside",
            "float16[batch,1,height,width] sample, float16[batch] timestep", "float16[batch,1,height,width] y",
            "x = Cast<to = 1>(sample) t = Cast<to = 1>(timestep)" + gaussian + TO_EPS + "y = Cast<to = 10>(eps)"),
        "x0.onnx": build("x0", law + "; returns x0", free, f"{grey} out", gaussian + TO_X0 + "out = Identity(x0)"),
        "score.onnx": build("score", law + "; returns the score", free, f"{grey} out",
                            gaussian + TO_SCORE + "out = Identity(score)"),
        "reversed.onnx": build(
            "reversed", law + "; time 0 is the most noise", "float[batch,1,height,width] x, int64[1] t",
            f"{grey} eps", "index = Identity(t)" + GAUSSIAN + TO_EPS, alphas_cumprod=ALPHAS_CUMPROD[::-1]),
        "alpha.onnx": build(
            "alpha", law + "; is told sqrt(abar)", "float[batch,1,height,width] x, float[batch,1] t", f"{grey} eps",
            FROM_SQRT_ABAR + LEVEL + GAUSSIAN_AT_LEVEL + TO_EPS),
        "edm.onnx": build("edm", law + "; EDM's F", free, f"{grey} f", EDM),
        "multiple8.onnx": build(
            "multiple8", law + "; sides must be multiples of 8", free, f"{grey} eps",
            """
                small = AveragePool<kernel_shape = [8, 8], strides = [8, 8]>(x)
                large = ConvTranspose<strides = [8, 8]>(small, block)
                nothing = Mul(large, zero)
                same = Add(x, nothing)
            """ + gaussian.replace("Sub(x,", "Sub(same,") + TO_EPS),
        "learned.onnx": build(
            "learned", law + "; returns eps and the log variance of x, a s2 + 1 - a", free,
            "float[batch,2,height,width] out",
            gaussian + TO_EPS + """
                shape = Shape(x)
                log_variance = Log(variance)
                log_variances = Expand(log_variance, shape)
                out = Concat<axis = 1>(eps, log_variances)
            """),
        "classifier.onnx": build(
            "classifier", "Ten classes", free, "float[batch,1] y",
            "t2 = Reshape(t, column) m2 = ReduceMean<axes = [2, 3], keepdims = 0>(x) y = Add(m2, t2)"),
        "bytes.onnx": build(
            "bytes", "Images of integers", "uint8[batch,1,height,width] x, float[batch] t", f"{grey} y",
            "t2 = Reshape(t, per_image) x2 = Cast<to = 1>(x) y = Add(x2, t2)"),
        "upsampler.onnx": build(
            "upsampler", "Twice as large", free, "float[batch,1,large_height,large_width] y",
            "t2 = Reshape(t, per_image) x2 = Add(x, t2) y = ConvTranspose<strides = [2, 2]>(x2, four_pixels)"),
        "timeless.onnx": build(
            "timeless", "Does not look at its time", free, f"{grey} y",
            "t2 = Reshape(t, per_image) t3 = Mul(t2, zero) y = Add(x, t3)"),
        "brighter.onnx": build(
            "brighter", "Adds its second input to the image's exponential", free, f"{grey} y",
            "t2 = Reshape(t, per_image) x2 = Exp(x) y = Add(x2, t2)"),
        "classes.onnx": build(
            "classes", "Is told a class too", "float[batch,1,height,width] x, float[batch] t, int64[batch] y",
            f"{grey} eps", "y2 = Cast<to = 1>(y) t2 = Add(t, y2) index = Cast<to = 7>(t2)" + GAUSSIAN + TO_EPS),
        "shared.onnx": build(
            "shared", law + "; sees a second image before the state", "float[batch,2,height,width] x, float[batch] t",
            f"{grey} eps", "c, state = Split<axis = 1>(x, one_each)" + INDEX + GAUSSIAN.replace("Sub(x,", "Sub(state,")
            + TO_EPS),
    }


def all_files():
    """Everything this script is responsible for, as a map from path to bytes."""
    built = {f"{name}/model.onnx": content for name, content in models().items()} | conditional_models()
    files = {MODELS / name: content for name, content in built.items()}
    files |= {BROKEN / name: content for name, content in broken(built["gauss/model.onnx"]).items()}
    files |= {BARE / name: content for name, content in bare(built["gauss/model.onnx"]).items()}
    sums = [f"{hashlib.sha256(built[name]).hexdigest()}  {name}\n" for name in sorted(built)]
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
        "gauss-ve": (grey(x / np.sqrt(a)), grey((MEAN - x / np.sqrt(a)) / (s**2 + VARIANCE)), np.float32(s).ravel()),
        "gauss-diffusers/unet": (images, grey(gauss), np.int64(t)),
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
        print(f"{name:20s} error {error:.1e}  {'; '.join(signature)}")

    check_conditional(session)

    for name in broken(files[MODELS / "gauss" / "model.onnx"]):
        try:
            model = session(BROKEN / name)
        except Exception as e:  # onnxruntime has one exception class per status code
            print(f"{name:20s} refused by onnxruntime: {type(e).__name__}")
        else:
            signature = [f"{i.name} {i.type} {i.shape}" for i in (*model.get_inputs(), *model.get_outputs())]
            print(f"{name:20s} loads: {'; '.join(signature)}")


def check_conditional(session):
    """Compares conditional models and estimators with float64 formulas, at random values."""
    random = np.random.default_rng(0)

    def values(channels, side=6):
        return random.uniform(-2, 2, (5, channels, side, side)).astype(np.float32)

    def enlarged(small):
        return small.repeat(2, axis=2).repeat(2, axis=3)

    def given(x, c, mean, a):
        a = a.reshape(-1, 1, 1, 1)
        return np.sqrt(1 - a) * (x - np.sqrt(a) * (GAIN * c + mean)) / (a * VARIANCE + 1 - a)

    def run(file, inputs, expected):
        model = session(MODELS / file)
        (actual,) = model.run(None, inputs)
        assert actual.shape == expected.shape, f"{file}: {actual.shape}, expected {expected.shape}"
        error = (np.abs(actual - expected) / np.maximum(1, np.abs(expected))).max()
        assert error < TOLERANCE, f"{file}: error {error:.1e}"
        signature = [f"{i.name} {i.type} {i.shape}" for i in (*model.get_inputs(), *model.get_outputs())]
        print(f"{file:27s} error {error:.1e}  {'; '.join(signature)}")
        return actual

    t = np.array([0, 3, 40, 70, 99])
    level = np.float32([[0.999999], [0.99], [0.7], [0.2], [1e-6]])
    exact = level.astype(np.float64)
    x, c = values(3), values(3)
    expected = given(x, c, FIRST_MEAN, exact**2)
    run("cond-first/model.onnx", {"x": np.concatenate([c, x], axis=1), "t": level}, expected)
    x, c = values(1), values(1)
    expected = given(x, c, MEAN, exact)
    run("cond-last/model.onnx", {"x": np.concatenate([x, c], axis=1), "t": level}, expected)
    x, c = values(1), values(2)
    expected = given(x, (BLEND * c).sum(axis=1, keepdims=True), MEAN, ALPHAS_CUMPROD[t])
    run("cond-separate/model.onnx", {"x": x, "t": np.float32(t), "degraded": c}, expected)
    x, c = values(1)[:2], values(2)[:2]
    expected = given(x, (BLEND * c).sum(axis=1, keepdims=True), MEAN, exact[1:3] ** 2)
    run("cond-pairs/model.onnx", {"x": np.concatenate([c, x], axis=1), "t": level[1:3]}, expected)
    x, c = values(1), values(1, 3)
    expected = given(x, enlarged(c), MEAN, ALPHAS_CUMPROD[t])
    expected = np.concatenate([expected, 0 * expected], axis=1)
    run("cond-inside/model.onnx", {"x": x, "t": np.float32(t), "small": c}, expected)
    x, small = values(1), values(1, 3)
    features = run("cond-residual/encoder.onnx", {"image": small}, FEATURE_GAIN * small + FEATURE_OFFSET)
    expected = given(x, enlarged(0.9 * small + 0.1), RESIDUAL_MEAN, COSINE[t])
    run("cond-residual/model.onnx", {"x": x, "t": t, "features": features}, expected)
    run("gauss-level/model.onnx", {"x": x, "t": level[:, 0]}, given(x, 0, MEAN, exact**2))
    y = 0.4 * values(1)
    a = (1 - (y.astype(np.float64) ** 2).mean(axis=(1, 2, 3))) / (1 - MEAN**2 - VARIANCE)
    run("gauss-level/level-abar.onnx", {"y": y}, a)
    run("gauss-level/level-log.onnx", {"y": y}, np.log(1 - a)[:, None])
    run("gauss-level/level-sqrt.onnx", {"y": y}, np.sqrt(a))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--check", action="store_true", help="check the files instead of writing them")
    (check if arguments.parse_args().check else write)(all_files())


if __name__ == "__main__":
    main()
