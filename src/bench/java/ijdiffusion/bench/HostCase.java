package ijdiffusion.bench;

import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.FocusedResampling;
import ijdiffusion.edit.RePaint;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.sampling.Ancestral;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.KnownRegion;
import ijdiffusion.sampling.KrigedPredictor;
import ijdiffusion.sampling.LangevinCorrector;
import ijdiffusion.sampling.LowPass;
import ijdiffusion.sampling.PredictorCorrector;
import ijdiffusion.sampling.ReverseDiffusion;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.Discretization;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.LowPassFilter;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A sampler with a constraint.
 *
 * @param sampler its name
 * @param steps how it steps
 * @param path levels that it visits
 * @param known what is known of the result
 */
record HostCase(String sampler, Sampler steps, Trajectory path, Known known) {
  private static final int FACTOR = 8;

  /** What is known of a result. */
  enum Known {
    PLAIN,
    /** RePaint's: all but a square in the middle. */
    REPAINT,
    /** The same by the presets of Inpaint, which continue the network's error into the square. */
    KRIGED,
    /** ILVR's: what is left at an eighth of the size. */
    ILVR
  }

  /**
   * Every sampler with every constraint.
   *
   * @param steps levels of each path
   */
  static List<HostCase> all(ModelCard card, int steps) {
    List<HostCase> cases = new ArrayList<>();
    for (Known known : List.of(Known.PLAIN, Known.REPAINT, Known.ILVR)) {
      for (SamplerChoice choice : SamplerChoice.values()) {
        cases.add(
            new HostCase(
                choice.key(),
                choice.sampler(1, card.variance()),
                choice.path(card.schedule(), steps, false),
                known));
      }
      Trajectory even = SamplerChoice.DDPM.path(card.schedule(), steps, false);
      Discretization levels = Discretization.ofLevels();
      Sampler reverse = new ReverseDiffusion(levels, false);
      cases.add(new HostCase("ReverseDiffusion", reverse, even, known));
      cases.add(new HostCase("Ancestral", new Ancestral(levels), even, known));
      Sampler corrected =
          new PredictorCorrector(reverse, new LangevinCorrector(0.16, levels), 1);
      cases.add(new HostCase("PredictorCorrector", corrected, even, known));
    }
    // with its jumps back up
    RePaint jumps = new RePaint(Math.max(2, steps / 2 + 1), 1, 2, 1);
    cases.add(
        new HostCase(
            "ddpm with jumps",
            SamplerChoice.DDPM.sampler(1, card.variance()),
            jumps.trajectory(card.schedule()),
            Known.REPAINT));
    cases.add(
        new HostCase(
            "dpmpp_sde with jumps",
            SamplerChoice.DPMPP_SDE.sampler(1, card.variance()),
            new FocusedResampling(Math.max(2, steps), 1, 2).trajectory(card.schedule(), false),
            Known.KRIGED));
    return cases;
  }

  /** A network with what is done to its prediction. */
  NoisePredictor around(NoisePredictor network, Shape shape) {
    return known == Known.KRIGED
        ? new KrigedPredictor(network, rough(shape), hole(shape), -1, 1)
        : network;
  }

  /** An image whose pixels are like their neighbours, and so is the error of a network. */
  private static Tensor rough(Shape shape) {
    Tensor out = new Tensor(shape);
    KeyedNoise.of(4).next(out);
    float[] v = out.data();
    for (int i = shape.w(); i < v.length; i++) {
      v[i] = 0.1f * v[i] + 0.45f * (v[i - 1] + v[i - shape.w()]);
    }
    return out;
  }

  Constraint constraint(Shape shape) {
    return switch (known) {
      case PLAIN -> Constraint.NONE;
      case REPAINT, KRIGED -> new KnownRegion(new Tensor(shape), hole(shape));
      case ILVR ->
          new LowPass(
              LowPassFilter.bicubic(shape.h(), shape.w(), FACTOR),
              new Tensor(shape),
              LowPass.Variant.CODE,
              NoiseLevel.CLEAN);
    };
  }

  private static Tensor hole(Shape shape) {
    Tensor mask = new Tensor(new Shape(1, 1, shape.h(), shape.w()));
    for (int i = 0; i < mask.data().length; i++) {
      double x = Math.abs(i % shape.w() / (double) shape.w() - 0.5);
      double y = Math.abs(i / shape.w() / (double) shape.h() - 0.5);
      mask.data()[i] = Math.max(x, y) < 0.19 ? 0 : 1;
    }
    return mask;
  }
}
