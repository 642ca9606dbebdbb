// Enlarges an image by a diffusion model; for Fiji's script editor, language Groovy.
#@ ImagePlus image
#@ String (label = "Model", value = "nuclei-sr4") model
#@ Integer (label = "Steps", value = 10, min = 2, max = 2000) steps
#@ Long (label = "Seed", value = 1) seed
#@ CommandService commands
#@output ImagePlus result

import ijdiffusion.command.UpscaleCommand

// every key of docs/macro-reference.md may be given; the rest has its default
module = commands.run(UpscaleCommand, true,
        "image", image, "model", model, "steps", steps, "seed", seed)
result = module.get().getOutput("result")
