"""Guided-diffusion (ADM): the networks of guided-diffusion, RePaint and ILVR."""
import yaml
from torch import nn
import model_folder as folder

CITE = {"text": "Dhariwal P., Nichol A.: Diffusion models beat GANs on image synthesis. NeurIPS 2021.",
        "doi": "10.48550/arXiv.2105.05233"}
NETWORK = ("image_size", "num_channels", "num_res_blocks", "channel_mult", "learn_sigma", "class_cond",
           "attention_resolutions", "num_heads", "num_head_channels", "num_heads_upsample", "use_scale_shift_norm",
           "resblock_updown", "use_new_attention_order")
UPSCALER = ("large_size", "small_size") + tuple(k for k in NETWORK if k not in (
    "image_size", "channel_mult", "use_new_attention_order"))


class Plain(nn.Module):
    """The network, with the class it is told where it has classes."""

    def __init__(self, net, label):
        super().__init__()
        self.net, self.label = net, label

    def forward(self, x, level):
        if self.label is None:
            return self.net(x, level)
        return self.net(x, level, y=level.new_full((x.shape[0],), self.label).long())


class Upscaling(Plain):
    """The same of a network that sees a small image, which it enlarges itself."""

    def forward(self, x, level, condition):
        if self.label is None:
            return self.net(x, level, low_res=condition)
        return self.net(x, level, low_res=condition, y=level.new_full((x.shape[0],), self.label).long())


def value(text, default, key):
    """A flag's text as what its default is."""
    if isinstance(default, bool):
        if str(text).lower() not in ("true", "false", "1", "0", "yes", "no"):
            raise SystemExit(f"{key} is {text}; it must be True or False.")
        return str(text).lower() in ("true", "1", "yes")
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            raise SystemExit(f"{key} is {text}; it must be a whole number.")
    return str(text)


def settings(a, defaults):
    """The code base's defaults, changed by the YAML file and by the flags."""
    given = {}
    if a.config:
        with open(a.config, encoding="utf-8") as f:
            given.update({k: v for k, v in (yaml.safe_load(f) or {}).items() if k in defaults})
    words = (a.flags or "").replace("=", " ").split()
    if len(words) % 2 or any(not w.startswith("--") for w in words[::2]):
        raise SystemExit(f'--flags is "{a.flags}"; it must be names and values such as "--image_size 256".')
    for key, text in zip((w[2:] for w in words[::2]), words[1::2]):
        if key not in defaults:
            raise SystemExit(f"--flags holds --{key}, which the code base does not know; it has {', '.join(defaults)}.")
        given[key] = text
    return {k: value(given.get(k, d), d, k) for k, d in defaults.items()}


def schedule(c):
    """Linear betas are for 1000 steps, and scaled for others."""
    n, kind = c["diffusion_steps"], c["noise_schedule"]
    if kind == "cosine":
        return {"kind": "cosine", "steps": n}
    if kind == "linear":
        return {"kind": "linear", "steps": n, "beta_start": 0.1 / n, "beta_end": 20 / n}
    raise SystemExit(f"noise_schedule is {kind}; the code base has linear and cosine.")


def main():
    p = folder.options(__doc__, "file of weights (.pt), of float32 or float16")
    p.add_argument("--flags", help='the flags that its authors give for it, such as "--image_size 256 --learn_sigma True"')
    p.add_argument("--config", help="a YAML file of the same, such as RePaint's confs/*.yml")
    p.add_argument("--label", type=int, help="the class that a class-conditional network is to draw")
    p.add_argument("--upscaling", action="store_true", help="it is a super-resolution network (large_size, small_size)")
    a = folder.parsed(p)
    if not a.flags and not a.config:
        p.error("--flags or --config is missing: the weights do not say which network they are for.")
    script = folder.import_from(a.repo, "guided_diffusion.script_util")
    # nobody asks for gradients, so nothing need be computed twice to save memory
    unet = folder.import_from(a.repo, "guided_diffusion.unet")
    unet.checkpoint = lambda function, inputs, parameters, flag: function(*inputs)
    defaults = script.sr_model_and_diffusion_defaults() if a.upscaling else script.model_and_diffusion_defaults()
    c = settings(a, defaults)
    keys, make = (UPSCALER, script.sr_create_model) if a.upscaling else (NETWORK, script.create_model)
    net = make(**{k: c[k] for k in keys}, dropout=0.0, use_checkpoint=False, use_fp16=False)
    folder.fill(net, folder.weights(a.checkpoint), a.checkpoint)
    folder.check_label(a, net.num_classes or 0)
    condition = None
    if a.upscaling:
        condition = {"channels": 3, "task": "upscale", "factor": c["large_size"] // c["small_size"],
                     "enlargement": "inside"}
    folder.write(folder.Model(
        (Upscaling if a.upscaling else Plain)(net, a.label), family="guided-diffusion", channels=3,
        size=c["large_size"] if a.upscaling else c["image_size"],
        multiple=2 ** (len(net.channel_mult) - 1), time="scaled_index" if c["rescale_timesteps"] else "index",
        output={"meaning": "x0" if c["predict_xstart"] else "epsilon", "channels": net.out_channels,
                "variance": "learned_range" if c["learn_sigma"] else "fixed_large"},
        clip=True, schedule=schedule(c), condition=condition, cite=[CITE],
        defaults={"steps": 250, "jump": 10, "resamplings": 10, "eta": 1}), a)


if __name__ == "__main__":
    main()
