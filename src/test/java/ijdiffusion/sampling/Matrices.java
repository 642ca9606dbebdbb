package ijdiffusion.sampling;

import ijdiffusion.tensor.LowPassFilter;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/** Small dense matrices, [row][column], for exact propagation. */
public final class Matrices {
  private Matrices() {}

  /** The unit matrix. */
  public static double[][] identity(int n) {
    double[][] a = new double[n][n];
    for (int i = 0; i < n; i++) {
      a[i][i] = 1;
    }
    return a;
  }

  /** p a + q b. */
  public static double[][] sum(double p, double[][] a, double q, double[][] b) {
    double[][] c = new double[a.length][a[0].length];
    for (int i = 0; i < c.length; i++) {
      for (int j = 0; j < c[i].length; j++) {
        c[i][j] = p * a[i][j] + q * b[i][j];
      }
    }
    return c;
  }

  /** a b. */
  public static double[][] times(double[][] a, double[][] b) {
    double[][] c = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int k = 0; k < b.length; k++) {
        for (int j = 0; j < c[i].length; j++) {
          c[i][j] += a[i][k] * b[k][j];
        }
      }
    }
    return c;
  }

  /** a v. */
  public static double[] times(double[][] a, double[] v) {
    double[] w = new double[a.length];
    for (int i = 0; i < w.length; i++) {
      for (int j = 0; j < v.length; j++) {
        w[i] += a[i][j] * v[j];
      }
    }
    return w;
  }

  /** a transposed. */
  public static double[][] transposed(double[][] a) {
    double[][] t = new double[a[0].length][a.length];
    for (int i = 0; i < t.length; i++) {
      for (int j = 0; j < a.length; j++) {
        t[i][j] = a[j][i];
      }
    }
    return t;
  }

  /** a b a^T. */
  public static double[][] around(double[][] a, double[][] b) {
    return times(times(a, b), transposed(a));
  }

  /** The inverse of a positive definite matrix, by Gauss-Jordan elimination. */
  public static double[][] inverse(double[][] matrix) {
    int n = matrix.length;
    double[][] a = sum(1, matrix, 0, matrix);
    double[][] b = identity(n);
    for (int k = 0; k < n; k++) {
      double pivot = a[k][k];
      for (int j = 0; j < n; j++) {
        a[k][j] /= pivot;
        b[k][j] /= pivot;
      }
      for (int i = 0; i < n; i++) {
        double factor = a[i][k];
        for (int j = 0; i != k && j < n; j++) {
          a[i][j] -= factor * a[k][j];
          b[i][j] -= factor * b[k][j];
        }
      }
    }
    return b;
  }

  /** The matrix of a filter on images (1, 1, height, width). */
  public static double[][] of(LowPassFilter phi, int height, int width) {
    int n = height * width;
    Tensor units = new Tensor(new Shape(n, 1, height, width));
    for (int i = 0; i < n; i++) {
      units.data()[i * n + i] = 1;
    }
    Tensor out = new Tensor(units.shape());
    phi.apply(units, out);
    double[][] a = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        a[i][j] = out.data()[j * n + i];
      }
    }
    return a;
  }
}
