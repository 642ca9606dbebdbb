package ijdiffusion.tensor;

import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Simple kriging (Matheron 1963, doi:10.2113/gsecongeo.58.8.1246) of pixels that are missing, from
 * those around them: the best linear guess, and for Gaussian fields the mean given the rim,
 *
 * <pre>
 * f_hole = C_hole,rim (C_rim,rim + nugget C(0) I)^-1 f_rim
 * </pre>
 *
 * of a field f with mean 0 whose covariance C depends on the distance only. C is measured on the
 * known pixels ({@link LagProducts}), over the channels of an image, and made one that a field can
 * have: {@link CovarianceFit}. The rim are the known pixels next to missing ones ({@link Rim}). The
 * equations are solved by conjugate gradients, in {@value #TURNS} turns at most.
 *
 * <p>Images of a batch are on their own, and worked on by as many threads as there are. One of this
 * class is for one caller at a time.
 */
public final class Kriging {
  /**
   * Distance, in pixels, beyond which pixels say nothing about each other; less where there are
   * very many holes.
   */
  public static final int REACH = 31;

  private static final int[] REACHES = {REACH, 20, 13, 8, 5, 3};

  private static final int TURNS = 12;

  /** Share of the variance that neighbours do not have in common: keeps the equations definite. */
  private static final double NUGGET = 0.03;

  private static final double PRECISION = 1e-6; // squared, of the right side
  private static final int WORTH_A_THREAD = 2048; // pixels

  private final float[] mask;
  private final int height;
  private final int width;
  private final Window hole;
  private final Rim rim;
  private final int reach;
  private final LagProducts lags;
  private final CovarianceFit fit;
  private final Queue<Work> idle = new ConcurrentLinkedQueue<>();

  /** The covariance of each image of a batch. */
  public static final class Covariances {
    private final float[][] ofSquare; // [image][squared distance]

    private Covariances(int images) {
      ofSquare = new float[images][];
    }
  }

  /**
   * For a mask.
   *
   * @param mask (1, 1, H, W): 1 = known, 0 = missing
   */
  public Kriging(Tensor mask) {
    Shape shape = mask.shape();
    if (shape.n() != 1 || shape.c() != 1) {
      throw new IllegalArgumentException("A mask is (1, 1, H, W), not " + shape);
    }
    this.mask = mask.data();
    height = shape.h();
    width = shape.w();
    hole = boundsOfMissing();
    rim = Rim.of(this.mask, width, REACHES);
    reach = rim.reach();
    lags = new LagProducts(this.mask, width, reach);
    fit = new CovarianceFit(lags.pairs());
  }

  private Window boundsOfMissing() {
    int left = width;
    int right = -1;
    int top = height;
    int bottom = -1;
    for (int i = 0; i < mask.length; i++) {
      if (mask[i] == 0) {
        left = Math.min(left, i % width);
        right = Math.max(right, i % width);
        top = Math.min(top, i / width);
        bottom = i / width;
      }
    }
    return right < 0
        ? new Window(0, 0, 1, 1)
        : new Window(left, top, right - left + 1, bottom - top + 1);
  }

  /**
   * Continues fields into the missing pixels.
   *
   * @param fields (N, C, H, W), mean 0; known pixels are left as they are, missing ones are never
   *     looked at and receive the guess, 0 where no known pixel is in reach
   */
  public void fill(Tensor fields) {
    fill(fields, measure(fields));
  }

  /**
   * The covariance of fields.
   *
   * @param fields (N, C, H, W), mean 0; missing pixels are never looked at
   */
  public Covariances measure(Tensor fields) {
    Shape shape = checked(fields);
    Covariances out = new Covariances(shape.n());
    each(
        shape,
        (work, n) -> {
          double[] measured = lags.mean(fields.data(), n * shape.imageSize(), shape.c(), work.lags);
          out.ofSquare[n] = fit.fit(measured);
        });
    return out;
  }

  /**
   * Continues fields into the missing pixels with a covariance measured before.
   *
   * @param fields as above
   * @param covariances of as many images
   */
  public void fill(Tensor fields, Covariances covariances) {
    Shape shape = checked(fields);
    if (covariances.ofSquare.length != shape.n()) {
      throw new IllegalArgumentException(
          "Covariances of " + covariances.ofSquare.length + " images do not fit " + shape);
    }
    each(
        shape,
        (work, n) -> {
          work.take(covariances.ofSquare[n]);
          for (int c = 0; c < shape.c(); c++) {
            work.fill(fields.data(), (n * shape.c() + c) * mask.length);
          }
        });
  }

  private Shape checked(Tensor fields) {
    Shape shape = fields.shape();
    if (shape.h() != height || shape.w() != width) {
      throw new IllegalArgumentException(
          "The mask is of " + width + " x " + height + " pixels, the fields are " + shape);
    }
    return shape;
  }

  private interface Task {
    void run(Work work, int image);
  }

  private void each(Shape shape, Task task) {
    IntConsumer one =
        n -> {
          Work polled = idle.poll();
          Work work = polled == null ? new Work() : polled;
          task.run(work, n);
          idle.add(work);
        };
    IntStream images = IntStream.range(0, shape.n());
    if (shape.n() > 1 && shape.imageSize() >= WORTH_A_THREAD) {
      images.parallel().forEach(one);
    } else {
      images.forEach(one);
    }
  }

  /** The memory that one thread needs. */
  private final class Work {
    private final float[] lags = Kriging.this.lags.memory();
    private final float[][] kernel = new float[reach + 1][]; // [rows apart][columns apart]
    private final Rim.Equations equations = rim.equations();
    private final float[] made = new float[hole.height() * hole.width()];
    private final double[] solution = new double[rim.size()];
    private final double[] rest = new double[rim.size()];
    private final double[] direction = new double[rim.size()];
    private final double[] image = new double[rim.size()];

    Work() {
      for (int dy = 0; dy <= reach; dy++) {
        kernel[dy] = new float[2 * (int) Math.sqrt(reach * reach - dy * dy) + 1];
      }
    }

    void take(float[] ofSquare) {
      equations.take(ofSquare, NUGGET);
      for (int dy = 0; dy <= reach; dy++) {
        int half = kernel[dy].length / 2;
        for (int dx = -half; dx <= half; dx++) {
          kernel[dy][dx + half] = ofSquare[dx * dx + dy * dy];
        }
      }
    }

    void fill(float[] data, int plane) {
      solve(data, plane);
      Arrays.fill(made, 0);
      for (int i = 0; i < rim.size(); i++) {
        spread(rim.pixel(i), (float) solution[i]);
      }
      for (int y = 0; y < hole.height(); y++) {
        int row = (hole.y() + y) * width + hole.x();
        for (int x = 0; x < hole.width(); x++) {
          if (mask[row + x] == 0) {
            data[plane + row + x] = made[y * hole.width() + x];
          }
        }
      }
    }

    /** Solves for the weights of the rim's pixels in a plane. */
    private void solve(float[] data, int plane) {
      double square = 0;
      for (int i = 0; i < solution.length; i++) {
        double value = data[plane + rim.pixel(i)];
        solution[i] = 0;
        rest[i] = value;
        direction[i] = value;
        square += value * value;
      }
      double enough = PRECISION * square;
      for (int turn = 0; turn < TURNS && square > enough; turn++) {
        equations.multiply(direction, image);
        double curvature = 0;
        for (int i = 0; i < image.length; i++) {
          curvature += image[i] * direction[i];
        }
        if (!(curvature > 0)) {
          break; // nothing varies
        }
        double step = square / curvature;
        double left = 0;
        for (int i = 0; i < image.length; i++) {
          solution[i] += step * direction[i];
          rest[i] -= step * image[i];
          left += rest[i] * rest[i];
        }
        double turnTo = left / square;
        for (int i = 0; i < image.length; i++) {
          direction[i] = rest[i] + turnTo * direction[i];
        }
        square = left;
      }
    }

    /** Adds a pixel's share to all of the hole that is in its reach. */
    private void spread(int pixel, float weight) {
      int px = pixel % width - hole.x();
      int py = pixel / width - hole.y();
      int lastRow = Math.min(hole.height() - 1, py + reach);
      for (int y = Math.max(0, py - reach); y <= lastRow; y++) {
        float[] row = kernel[Math.abs(y - py)];
        int half = row.length / 2;
        int from = Math.max(0, px - half);
        int end = Math.min(hole.width(), px + half + 1);
        int to = y * hole.width();
        int shift = half - px;
        for (int x = from; x < end; x++) {
          made[to + x] += weight * row[x + shift];
        }
      }
    }
  }
}
