package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * A convolutional stand-in that looks {@code radius} pixels far: eps is the mean of the square
 * round a pixel, with zeros beyond the edge of what it is shown. Sums run in the same order
 * everywhere, so that two pixels that see the same get the same, bit for bit.
 */
record BoxPredictor(int radius) implements NoisePredictor {
  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    Shape s = x.shape();
    int side = 2 * radius + 1;
    for (int plane = 0; plane < s.n() * s.c(); plane++) {
      for (int row = 0; row < s.h(); row++) {
        for (int column = 0; column < s.w(); column++) {
          double sum = 0;
          for (int dy = -radius; dy <= radius; dy++) {
            for (int dx = -radius; dx <= radius; dx++) {
              sum += value(x, plane, row + dy, column + dx);
            }
          }
          int i = (plane * s.h() + row) * s.w() + column;
          out.eps().data()[i] = (float) (sum / (side * side));
        }
      }
    }
    out.completeFromEps(x, level);
  }

  private static float value(Tensor x, int plane, int row, int column) {
    Shape s = x.shape();
    boolean inside = row >= 0 && row < s.h() && column >= 0 && column < s.w();
    return inside ? x.data()[(plane * s.h() + row) * s.w() + column] : 0;
  }
}
