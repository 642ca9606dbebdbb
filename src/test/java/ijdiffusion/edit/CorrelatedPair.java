package ijdiffusion.edit;

import ijdiffusion.model.CorrelatedPredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.KnownRegion;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * Two pixels with variance 0.25 and correlation 0.8, the first of which is known: the simplest
 * inpainting. Given a known 1 the other is N(0.8, 0.09).
 */
final class CorrelatedPair {
  private static final CorrelatedPredictor PREDICTOR = new CorrelatedPredictor(0.25, 0.8);

  private CorrelatedPair() {}

  /** The final states of a batch of pairs (known, unknown), all with the same known value. */
  static float[] inpaint(Trajectory path, float known, int batch, TestNoise noise) {
    Tensor image = new Tensor(new Shape(batch, 1, 1, 2));
    for (int n = 0; n < batch; n++) {
      image.data()[2 * n] = known;
      image.data()[2 * n + 1] = Float.NaN;
    }
    Tensor mask = new Tensor(new Shape(1, 1, 1, 2), new float[] {1, 0});
    Tensor x = new Tensor(image.shape());
    noise.next(x);
    new ReverseProcess(
            PREDICTOR,
            new Ddpm(VarianceType.FIXED_SMALL),
            new KnownRegion(image, mask, false),
            path)
        .run(x, noise, Monitor.NONE);
    return x.data();
  }
}
