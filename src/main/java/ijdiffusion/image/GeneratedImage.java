package ijdiffusion.image;

import ij.ImagePlus;
import ij.ImageStack;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ijdiffusion.card.ValueRange;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Images made from nothing, as planes: one channel becomes 8-bit grey, three become RGB, both with
 * the network's range on 0 to 255; any other number of channels becomes 32-bit planes in the
 * network's own range.
 */
public final class GeneratedImage {
  private final ValueRange range;
  private final int width;
  private final int height;
  private final List<ImageProcessor> planes = new ArrayList<>();
  private final List<String> labels = new ArrayList<>();

  /**
   * @param range the network's range of clean images
   * @param width columns kept, at most the tensors' width
   * @param height rows kept, at most the tensors' height
   */
  public GeneratedImage(ValueRange range, int width, int height) {
    this.range = range;
    this.width = width;
    this.height = height;
  }

  /**
   * Adds one image of a batch.
   *
   * @param batch (N, C, H, W) in the network's range
   * @param n which
   * @param label its slice label
   */
  public void add(Tensor batch, int n, String label) {
    int channels = batch.shape().c();
    switch (channels) {
      case 1 -> planes.add(new ByteProcessor(width, height, bytes(batch, n, 0)));
      case 3 -> {
        ColorProcessor rgb = new ColorProcessor(width, height);
        rgb.setRGB(bytes(batch, n, 0), bytes(batch, n, 1), bytes(batch, n, 2));
        planes.add(rgb);
      }
      default -> {
        for (int c = 0; c < channels; c++) {
          planes.add(new FloatProcessor(width, height, values(batch, n, c)));
          labels.add(label + ", channel " + (c + 1));
        }
        return;
      }
    }
    labels.add(label);
  }

  /** All planes added so far, as a stack. */
  public ImagePlus image(String title) {
    ImageStack stack = new ImageStack(width, height);
    for (int i = 0; i < planes.size(); i++) {
      stack.addSlice(labels.get(i), planes.get(i));
    }
    return new ImagePlus(title, stack);
  }

  private byte[] bytes(Tensor batch, int n, int c) {
    float[] values = values(batch, n, c);
    byte[] out = new byte[values.length];
    for (int i = 0; i < out.length; i++) {
      double v = (values[i] - range.min()) / (range.max() - range.min()) * 255;
      out[i] = (byte) Math.round(Math.max(0, Math.min(255, v)));
    }
    return out;
  }

  private float[] values(Tensor batch, int n, int c) {
    Shape s = batch.shape();
    float[] out = new float[width * height];
    for (int y = 0; y < height; y++) {
      int from = (n * s.c() + c) * s.planeSize() + y * s.w();
      System.arraycopy(batch.data(), from, out, y * width, width);
    }
    return out;
  }
}
