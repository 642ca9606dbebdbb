package ijdiffusion.image;

import ij.process.FloatProcessor;

/**
 * Mean and standard deviation of samples of one plane, pixel by pixel, by Welford's recurrence: the
 * samples themselves need not be kept, and a pixel that is the same in all of them has exactly that
 * mean and 0.
 */
public final class SampleStatistics {
  private int n;
  private int width;
  private int height;
  private double[][] mean;
  private double[][] squares;

  /** Adds a sample; all have the same size and channels. */
  public void add(MadePlane sample) {
    width = sample.width();
    height = sample.height();
    if (n++ == 0) {
      mean = new double[sample.channels()][width * height];
      squares = new double[sample.channels()][width * height];
    }
    for (int c = 0; c < mean.length; c++) {
      for (int i = 0; i < width * height; i++) {
        double value = sample.grey(c, i);
        double delta = value - mean[c][i];
        mean[c][i] += delta / n;
        squares[c][i] += delta * (value - mean[c][i]);
      }
    }
  }

  /** Samples added so far. */
  public int samples() {
    return n;
  }

  /** Channels of the samples. */
  public int channels() {
    return mean.length;
  }

  /**
   * Mean, in grey values.
   *
   * @param channel from 0
   */
  public FloatProcessor mean(int channel) {
    return new FloatProcessor(width, height, mean[channel]);
  }

  /**
   * Standard deviation with n - 1 below the line, in grey values; 0 for one sample.
   *
   * @param channel from 0
   */
  public FloatProcessor standardDeviation(int channel) {
    double[] out = new double[width * height];
    for (int i = 0; i < out.length; i++) {
      out[i] = Math.sqrt(squares[channel][i] / Math.max(1, n - 1));
    }
    return new FloatProcessor(width, height, out);
  }
}
