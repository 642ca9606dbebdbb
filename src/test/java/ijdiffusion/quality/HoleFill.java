package ijdiffusion.quality;

import ijdiffusion.tensor.Tensor;
import java.util.Arrays;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/**
 * Fillings of a hole that know nothing of images but what is around it. The equations are solved
 * exactly, by Cholesky's decomposition, made once for a hole.
 */
final class HoleFill {
  private final boolean[] hole;
  private final int width;
  private final int[] pixels;
  private final RealMatrix harmonicKnown;
  private final CholeskyDecomposition harmonic;
  private final RealMatrix biharmonicKnown;
  private final CholeskyDecomposition biharmonic;

  /**
   * For a hole.
   *
   * @param hole true where pixels are to be filled, row-major; at least 2 pixels from the edges
   * @param width columns
   */
  HoleFill(boolean[] hole, int width) {
    this.hole = hole.clone();
    this.width = width;
    this.pixels = new int[count(hole)];
    for (int i = 0, n = 0; i < hole.length; i++) {
      if (hole[i]) {
        int x = i % width;
        int y = i / width;
        if (x < 2 || y < 2 || x >= width - 2 || y >= hole.length / width - 2) {
          throw new IllegalArgumentException("Hole at the edge: pixel " + x + ", " + y);
        }
        pixels[n++] = i;
      }
    }
    // minimise the sum of squared differences of neighbours, and of squared Laplacians
    double[][] first = new double[pixels.length][hole.length];
    double[][] second = new double[pixels.length][hole.length];
    for (int n = 0; n < pixels.length; n++) {
      addLaplacian(first[n], pixels[n], 1);
      int[] star = star(pixels[n]);
      addLaplacian(second[n], star[0], 4);
      for (int k = 1; k < 5; k++) {
        addLaplacian(second[n], star[k], -1);
      }
    }
    harmonicKnown = MatrixUtils.createRealMatrix(known(first));
    harmonic = new CholeskyDecomposition(MatrixUtils.createRealMatrix(unknown(first)));
    biharmonicKnown = MatrixUtils.createRealMatrix(known(second));
    biharmonic = new CholeskyDecomposition(MatrixUtils.createRealMatrix(unknown(second)));
  }

  private static int count(boolean[] hole) {
    int n = 0;
    for (boolean inside : hole) {
      n += inside ? 1 : 0;
    }
    return n;
  }

  /** A pixel, and its four neighbours. */
  private int[] star(int i) {
    return new int[] {i, i - 1, i + 1, i - width, i + width};
  }

  /** Adds the five-point stencil, 4 in the middle and -1 around it. */
  private void addLaplacian(double[] row, int pixel, double factor) {
    int[] star = star(pixel);
    row[star[0]] += 4 * factor;
    for (int k = 1; k < 5; k++) {
      row[star[k]] -= factor;
    }
  }

  private double[][] known(double[][] rows) {
    double[][] out = new double[rows.length][];
    for (int n = 0; n < rows.length; n++) {
      out[n] = rows[n].clone();
      for (int pixel : pixels) {
        out[n][pixel] = 0;
      }
    }
    return out;
  }

  private double[][] unknown(double[][] rows) {
    double[][] out = new double[rows.length][pixels.length];
    for (int n = 0; n < rows.length; n++) {
      for (int m = 0; m < pixels.length; m++) {
        out[n][m] = rows[n][pixels[m]];
      }
    }
    return out;
  }

  /** Laplace's equation, five-point stencil: the membrane that is fixed at the hole's edge. */
  double[] harmonic(double[] plane) {
    return filled(plane, harmonic, harmonicKnown);
  }

  /** The biharmonic equation, thirteen-point stencil: the plate that goes on smoothly there. */
  double[] biharmonic(double[] plane) {
    return filled(plane, biharmonic, biharmonicKnown);
  }

  private double[] filled(double[] plane, CholeskyDecomposition matrix, RealMatrix known) {
    RealVector right = known.operate(new ArrayRealVector(plane)).mapMultiply(-1);
    RealVector inside = matrix.getSolver().solve(right);
    double[] out = plane.clone();
    for (int n = 0; n < pixels.length; n++) {
      out[pixels[n]] = inside.getEntry(n);
    }
    return out;
  }

  /**
   * The mean of the known pixels that touch the hole: what one gets in ImageJ from Make Band of one
   * pixel, Measure and Fill.
   */
  double[] rimMean(double[] plane) {
    boolean[] rim = new boolean[plane.length];
    for (int pixel : pixels) {
      for (int near : star(pixel)) {
        rim[near] |= !hole[near];
      }
    }
    double sum = 0;
    int n = 0;
    for (int i = 0; i < plane.length; i++) {
      sum += rim[i] ? plane[i] : 0;
      n += rim[i] ? 1 : 0;
    }
    double[] out = plane.clone();
    double mean = sum / n;
    Arrays.stream(pixels).forEach(pixel -> out[pixel] = mean);
    return out;
  }

  /** One of the fillings above. */
  interface Fill {
    double[] apply(double[] plane);
  }

  /** Fills every plane of a tensor. */
  static Tensor eachPlane(Tensor in, Fill fill) {
    Tensor out = new Tensor(in.shape());
    int n = in.shape().planeSize();
    for (int from = 0; from < in.data().length; from += n) {
      double[] plane = new double[n];
      for (int i = 0; i < n; i++) {
        plane[i] = in.data()[from + i];
      }
      double[] filled = fill.apply(plane);
      for (int i = 0; i < n; i++) {
        out.data()[from + i] = (float) filled[i];
      }
    }
    return out;
  }
}
