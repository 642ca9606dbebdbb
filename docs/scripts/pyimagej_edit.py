# Runs a command from Python by PyImageJ (pip install pyimagej), with a Fiji that has the plugin:
#   python pyimagej_edit.py /path/to/Fiji.app image.tif result.tif
import sys

import imagej
import scyjava

fiji, source, target = sys.argv[1:4]
ij = imagej.init(fiji, mode="headless")
image = ij.IJ.openImage(source)
settings = {"image": image, "strength": 0.4, "steps": 20, "seed": 1}
run = ij.command().run("ijdiffusion.command.EditCommand", True, scyjava.to_java(settings))
result = run.get().getOutput("result")
ij.IJ.saveAsTiff(result, target)
