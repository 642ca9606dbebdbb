package ijdiffusion.image;

import ij.process.ImageProcessor;
import java.util.List;

/** One sample of what a network made of a plane. */
public interface MadePlane {
  /** Columns. */
  int width();

  /** Rows. */
  int height();

  /** Channels; 3 for RGB. */
  int channels();

  /**
   * Grey value of a pixel, not rounded.
   *
   * @param channel from 0
   * @param index pixel index, row-major
   */
  float grey(int channel, int index);

  /** The pixels, one processor, or one a channel where several planes were taken together. */
  List<ImageProcessor> processors();
}
