package ijdiffusion.tensor;

/**
 * A covariance that a stationary isotropic field in the plane can have, fitted to a measured one,
 * which in general no field can. It is a sum of spherical models 1 - 3/2 h + 1/2 h^3 and cubic ones
 * 1 - 7 h^2 + 35/4 h^3 - 7/2 h^5 + 3/4 h^7, h = distance / range, 0 beyond (Chiles and Delfiner
 * 2012, Geostatistics, section 2.5), of ranges from 1 to {@code reach} + 1 pixels: rough fields and
 * smooth ones. The weights are those of least squares that are not negative, so that the sum is
 * positive definite as its terms are; near distances count more, with 1 / (distance + 1).
 */
final class CovarianceFit {
  private static final int SWEEPS = 60;
  private static final double STILL = 1e-4; // change of all weights, of the variance

  private final double[] pairs;
  private final int reach;
  private final double[][] models; // [model][distance]
  private final float[][] ofSquares; // [model][squared distance]
  private final double[][] gram;

  /**
   * For distances from 0 to a reach.
   *
   * @param pairs that the covariance at each distance will be measured on, from 0 to the reach;
   *     those of 0 do not count
   */
  CovarianceFit(double[] pairs) {
    this.pairs = pairs;
    reach = pairs.length - 1;
    double[] ranges = new double[20];
    int n = 0;
    for (double range = 1; range < reach + 1; range *= 1.5) {
      ranges[n++] = range;
    }
    ranges[n++] = reach + 1;
    models = new double[2 * n][reach + 1];
    ofSquares = new float[2 * n][reach * reach + 1];
    for (int k = 0; k < models.length; k++) {
      double range = ranges[k / 2];
      boolean smooth = k % 2 == 1;
      for (int d = 0; d <= reach; d++) {
        models[k][d] = model(d / range, smooth);
      }
      for (int square = 0; square <= reach * reach; square++) {
        ofSquares[k][square] = (float) model(Math.sqrt(square) / range, smooth);
      }
    }
    gram = new double[models.length][models.length];
    for (int k = 0; k < models.length; k++) {
      for (int j = 0; j <= k; j++) {
        gram[k][j] = product(models[k], models[j]);
        gram[j][k] = gram[k][j];
      }
    }
  }

  private static double model(double h, boolean smooth) {
    if (h >= 1) {
      return 0;
    }
    double square = h * h;
    return smooth
        ? 1 + square * (-7 + h * (8.75 + square * (-3.5 + 0.75 * square)))
        : 1 - 1.5 * h + 0.5 * h * square;
  }

  /**
   * Fits. Any number of threads may.
   *
   * @param measured covariance at distances of 0 to the reach
   * @return the covariance at the root of each index, up to the reach's square
   */
  float[] fit(double[] measured) {
    double[] slope = new double[models.length];
    for (int k = 0; k < models.length; k++) {
      slope[k] = product(models[k], measured);
    }
    double[] weights = new double[models.length];
    double change = Double.POSITIVE_INFINITY;
    for (int sweep = 0; sweep < SWEEPS && change > STILL * measured[0]; sweep++) {
      change = 0;
      for (int k = 0; k < weights.length; k++) {
        double gradient = slope[k];
        for (int j = 0; j < weights.length; j++) {
          gradient -= gram[k][j] * weights[j];
        }
        double moved = gram[k][k] == 0 ? 0 : Math.max(0, weights[k] + gradient / gram[k][k]);
        change += Math.abs(moved - weights[k]);
        weights[k] = moved;
      }
    }
    float[] ofSquare = new float[reach * reach + 1];
    for (int k = 0; k < weights.length; k++) {
      if (weights[k] > 0) {
        float weight = (float) weights[k];
        for (int square = 0; square < ofSquare.length; square++) {
          ofSquare[square] += weight * ofSquares[k][square];
        }
      }
    }
    return ofSquare;
  }

  private double product(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d <= reach; d++) {
      sum += pairs[d] == 0 ? 0 : a[d] * b[d] / (d + 1);
    }
    return sum;
  }
}
