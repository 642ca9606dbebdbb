# Denoises every TIFF image of a folder; for Fiji's script editor, language Python (Jython).
#@ File (label = "Images", style = "directory") source
#@ File (label = "Results", style = "directory") target
#@ String (label = "Model", value = "nuclei") model
#@ CommandService commands
#@output Integer done

import os
from ij import IJ
from ijdiffusion.command import DenoiseCommand

done = 0
for name in sorted(os.listdir(source.getPath())):
    if name.endswith(".tif"):
        image = IJ.openImage(os.path.join(source.getPath(), name))
        run = commands.run(DenoiseCommand, True, "image", image, "model", model)
        result = run.get().getOutput("result")
        IJ.saveAsTiff(result, os.path.join(target.getPath(), name))
        done += 1
