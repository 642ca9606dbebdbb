// Enlarges every TIFF image of a folder, one after the other; results have the images' names.
// Works with windows and without:
//   fiji --headless -macro batch.ijm "/data/in/|/data/out/|preset=fast seed=1"
//   java -Djava.awt.headless=true -Dplugins.dir=FOLDER -cp ij.jar ij.ImageJ -batch batch.ijm "..."
// The macro ends at the first image that fails. A call that goes on, and leaves out what is done:
//   print(call("ijdiffusion.command.Batch.run", "Diffusion Upscale...", "/data/in", "/data/out", "preset=thorough"));
arguments = split(getArgument(), "|");
if (arguments.length < 2)
	exit("Give folders as in \"/data/in/|/data/out/|preset=fast\".");
in = arguments[0];
out = arguments[1];
options = "";
if (arguments.length > 2)
	options = arguments[2];
names = getFileList(in);
done = 0;
for (i = 0; i < names.length; i++) {
	if (endsWith(names[i], ".tif")) {
		if (done == 0)
			call("ij.IJ.open", in + names[i]); // plain headless ImageJ stumbles at the first open
		if (nImages == 0)
			open(in + names[i]);
		call("ijdiffusion.command.MenuPlugIn.call", "Diffusion Upscale...", options);
		saveAs("Tiff", out + names[i]);
		while (nImages > 0)
			close();
		print(names[i] + " done");
		done++;
	}
}
