package ijdiffusion.command;

import ij.ImagePlus;
import ij.gui.OvalRoi;
import ij.plugin.PlugIn;
import ij.process.ByteProcessor;
import ijdiffusion.demo.NucleiField;

/** Opens a synthetic image of fluorescent nuclei with a selection, to try the commands on. */
public final class SampleImage implements PlugIn {
  private static final int SIZE = 256;
  private static final long SEED = 42;

  @Override
  public void run(String arg) {
    create().show();
  }

  /** 256 x 256 pixels, 8-bit, 0.65 micrometres a pixel, with an oval selection across nuclei. */
  public static ImagePlus create() {
    byte[] pixels = NucleiField.render(SIZE, SIZE, SEED).noisy8();
    ImagePlus image = new ImagePlus("nuclei.tif", new ByteProcessor(SIZE, SIZE, pixels));
    image.getCalibration().pixelWidth = 0.65;
    image.getCalibration().pixelHeight = 0.65;
    image.getCalibration().setUnit("micron");
    image.setDisplayRange(0, 130);
    image.setProperty(
        "Info", "Synthetic field of fluorescent nuclei, rendered with seed " + SEED + ".\n");
    image.setRoi(new OvalRoi(78, 107, 60, 50));
    return image;
  }
}
