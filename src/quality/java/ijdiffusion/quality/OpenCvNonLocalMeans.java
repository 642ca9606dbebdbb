package ijdiffusion.quality;

import ijdiffusion.tensor.Tensor;
import nu.pattern.OpenCV;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfFloat;
import org.opencv.photo.Photo;

/** OpenCV's {@code fastNlMeansDenoising}, patches of 7, search in 21, 16 bits. */
public final class OpenCvNonLocalMeans implements NonLocalMeans {
  private static final double LOW = -1;
  private static final double SCALE = 65535 / 3.0;

  /** Loads the library. */
  public OpenCvNonLocalMeans() {
    OpenCV.loadLocally();
  }

  @Override
  public Tensor apply(Tensor y, double strength) {
    int h = y.shape().h();
    int w = y.shape().w();
    int channels = y.shape().c();
    short[] values = new short[channels * h * w]; // the channels of a pixel beside each other
    for (int i = 0; i < values.length; i++) {
      double v = Math.max(0, Math.min(65535, (y.data()[i] - LOW) * SCALE));
      values[i % (h * w) * channels + i / (h * w)] = (short) Math.round(v);
    }
    Mat in = new Mat(h, w, CvType.CV_16UC(channels));
    in.put(0, 0, values);
    Mat out = new Mat();
    MatOfFloat strengths = new MatOfFloat((float) (strength * SCALE));
    Photo.fastNlMeansDenoising(in, out, strengths, 7, 21, Core.NORM_L1);
    out.get(0, 0, values);
    Tensor made = new Tensor(y.shape());
    for (int i = 0; i < values.length; i++) {
      int value = values[i % (h * w) * channels + i / (h * w)] & 0xFFFF;
      made.data()[i] = (float) (value / SCALE + LOW);
    }
    return made;
  }
}
