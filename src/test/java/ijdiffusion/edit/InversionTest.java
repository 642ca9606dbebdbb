package ijdiffusion.edit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.edit.DdimInversion.Variant;
import ijdiffusion.model.DummyPredictor;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.Prediction;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** DDIM inversion: diffusers' runs, exact maps on a Gaussian, and the way there and back. */
class InversionTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final GaussianPredictor PREDICTOR = new GaussianPredictor(0.3, 0.04);
  private static final JsonObject LOOPS =
      Reference.load("diffusers_full_loops").getAsJsonObject("cases");
  private static final JsonObject MAPS = Reference.load("gaussian_maps").getAsJsonObject("cases");

  static Stream<String> loops() {
    return LOOPS.keySet().stream().filter(k -> k.startsWith("ddim_inverse/"));
  }

  static Stream<String> maps() {
    return MAPS.keySet().stream().filter(k -> k.startsWith("recon_"));
  }

  @Test
  void noCaseIsForgotten() {
    assertEquals(5, loops().count());
    assertEquals(14, maps().count());
  }

  @ParameterizedTest
  @MethodSource("loops")
  void diffusersRun(String name) {
    JsonObject config = LOOPS.getAsJsonObject(name).getAsJsonObject("config");
    DiscreteSchedule schedule =
        DiscreteSchedule.linear(
            1000, config.get("beta_start").getAsDouble(), config.get("beta_end").getAsDouble());
    List<NoiseLevel> levels = new ArrayList<>(leading(schedule, 10).levels());
    Tensor image = DummyPredictor.sample();
    if (name.endsWith("/no_set_alpha_to_one")) {
      // the first move goes from alpha-bar_0 to alpha-bar_0: all it does is to limit x_0 to 1
      levels.remove(10);
      for (int i = 0; i < 768; i++) {
        image.data()[i] = (float) Math.min(schedule.level(0).alpha(), image.data()[i]);
      }
    }
    NoisePredictor predictor =
        DummyPredictor.of(
            config.has("prediction_type") ? Parameterization.V : Parameterization.EPSILON);
    if (config.get("clip_sample").getAsBoolean()) {
      predictor = predictor.clippedKeepingNoise(-1, 1);
    }
    Tensor x =
        new DdimInversion(Variant.DIFFUSERS)
            .encode(predictor, new Trajectory(levels), image, Monitor.NONE);
    JsonObject expected = LOOPS.getAsJsonObject(name);
    double sum = 0;
    for (float v : x.data()) {
      sum += Math.abs(v);
    }
    double reference = expected.get("measured_abs_sum").getAsDouble();
    assertEquals(reference, sum, 1e-5 * reference);
    double[] first = Reference.doubles(expected.get("measured_first8"));
    double[] last = Reference.doubles(expected.get("measured_last8"));
    for (int i = 0; i < 8; i++) {
      assertEquals(first[i], x.data()[i], 2e-5);
      assertEquals(last[i], x.data()[x.data().length - 8 + i], 4e-5);
    }
  }

  /** The exact network as one that is told the time and nothing else, as trained networks are. */
  private static final NoisePredictor BY_TIME =
      (x, level, out) -> {
        PREDICTOR.predict(x, LINEAR.level(level.t()), out);
        out.completeFromEps(x, level);
      };

  @ParameterizedTest
  @MethodSource("maps")
  void encodingAndDecodingAreTheExactMaps(String row) {
    String[] parts = row.split("_", -1);
    DdimInversion inversion =
        new DdimInversion(parts[1].equals("guided") ? Variant.GUIDED : Variant.DIFFUSERS);
    int n = Integer.parseInt(parts[2]);
    Trajectory path = leading(LINEAR, n);
    Tensor image = new Tensor(new Shape(2, 1, 1, 1), new float[] {0, 10});
    Tensor latent = inversion.encode(BY_TIME, path, image, Monitor.NONE);
    assertArrayEquals(new float[] {0, 10}, image.data(), "the image is left as it is");
    JsonObject expected = MAPS.getAsJsonObject(row);
    double b = latent.data()[0];
    assertEquals(expected.get("enc_B").getAsDouble(), b, 2e-5);
    assertEquals(expected.get("enc_A").getAsDouble(), (latent.data()[1] - b) / 10, 2e-5);
    float[] before = latent.data().clone();
    Tensor back = inversion.decode(PREDICTOR, path, latent, Monitor.NONE);
    assertArrayEquals(before, latent.data(), "the latent is left as it is");
    double shift = back.data()[0];
    double gain = (back.data()[1] - shift) / 10;
    assertEquals(expected.get("B").getAsDouble(), shift, 2e-5);
    assertEquals(expected.get("A").getAsDouble(), gain, 2e-5);
    double bias = (gain - 1) * 0.3 + shift;
    double mse = expected.get("mse").getAsDouble();
    assertEquals(mse, (gain - 1) * (gain - 1) * 0.04 + bias * bias, 1e-3 * mse);
  }

  @ParameterizedTest
  @EnumSource(Variant.class)
  void reconstructionImprovesWithEveryRefinement(Variant variant) {
    double before = Double.MAX_VALUE;
    for (int n : new int[] {10, 20, 50, 100, 200, 500, 1000}) {
      DdimInversion inversion = new DdimInversion(variant);
      Tensor image = new Tensor(new Shape(1, 1, 1, 3), new float[] {-0.2f, 0.3f, 0.7f});
      Tensor latent = inversion.encode(BY_TIME, leading(LINEAR, n), image, Monitor.NONE);
      Tensor back = inversion.decode(PREDICTOR, leading(LINEAR, n), latent, Monitor.NONE);
      double error = Math.abs(back.data()[0] - image.data()[0]);
      assertTrue(error < 0.8 * before, n + ": " + error);
      before = error;
    }
    assertTrue(before < 0.01);
  }

  @Test
  void oneCallPerLevelAndProgress() {
    Trajectory path = leading(LINEAR, 5);
    for (Variant variant : Variant.values()) {
      List<Double> asked = new ArrayList<>();
      List<Integer> progress = new ArrayList<>();
      List<Float> images = new ArrayList<>();
      NoisePredictor counting =
          (x, level, out) -> {
            asked.add(level.t());
            BY_TIME.predict(x, level, out);
            images.add(out.x0().data()[0]);
          };
      List<Float> told = new ArrayList<>();
      Tensor image = new Tensor(new Shape(1, 1, 1, 1), new float[] {0.5f});
      new DdimInversion(variant)
          .encode(
              counting,
              path,
              image,
              (done, total, x0) -> {
                assertEquals(variant == Variant.PAPER ? 4 : 5, total);
                progress.add(done);
                told.add(x0.data()[0]);
              });
      List<Double> times = List.of(0.0, 200.0, 400.0, 600.0, 800.0);
      // the paper's way ends where decoding starts
      int calls = variant == Variant.PAPER ? 4 : 5;
      assertEquals(times.subList(0, calls), asked, variant.toString());
      assertEquals(List.of(1, 2, 3, 4, 5).subList(0, calls), progress);
      assertEquals(images, told);
      int[] decoding = {0};
      new DdimInversion(variant)
          .decode(PREDICTOR, path, image, (done, total, x0) -> decoding[0] = done + total);
      assertEquals(10, decoding[0]);
    }
  }

  @Test
  void thePapersLatentIsTheStateFromWhichGuidedMakesItsLastMove() {
    Trajectory path = leading(LINEAR, 20);
    Tensor image = new Tensor(new Shape(1, 1, 1, 3), new float[] {-0.9f, 0.3f, 0.7f});
    Tensor state = new DdimInversion(Variant.PAPER).encode(BY_TIME, path, image, Monitor.NONE);
    Prediction atTheTop = new Prediction(state.shape(), false);
    BY_TIME.predict(state, path.start(), atTheTop);
    Tensor noise = new DdimInversion(Variant.GUIDED).encode(BY_TIME, path, image, Monitor.NONE);
    assertArrayEquals(atTheTop.eps().data(), noise.data());
  }

  @Test
  void thePapersWayUpIsTheProductOfItsMoves() {
    // eps = sigma (x - 0.3 alpha) / (0.04 alpha^2 + sigma^2): every move is an affine map, in
    // double
    Trajectory path = leading(LINEAR, 10);
    List<NoiseLevel> up = new ArrayList<>(path.levels().subList(0, 10));
    java.util.Collections.reverse(up);
    double x = -0.6;
    for (int k = 0; k < 9; k++) {
      NoiseLevel at = up.get(k);
      NoiseLevel to = up.get(k + 1);
      double var = 0.04 * at.alphaBar() + at.sigma() * at.sigma();
      double eps = at.sigma() * (x - 0.3 * at.alpha()) / var;
      x = to.alpha() * (x - at.sigma() * eps) / at.alpha() + to.sigma() * eps;
    }
    Tensor image = new Tensor(new Shape(1, 1, 1, 1), new float[] {-0.6f});
    Tensor latent = new DdimInversion().encode(PREDICTOR, path, image, Monitor.NONE);
    assertEquals(x, latent.data()[0], 2e-5);
  }

  @Test
  void guidedStartsAtThePathsLastLevelWhereThatHasNoise() {
    List<NoiseLevel> levels = leading(LINEAR, 5).levels();
    Tensor image = new Tensor(new Shape(1, 1, 1, 1), new float[] {0.5f});
    DdimInversion guided = new DdimInversion(Variant.GUIDED);
    Tensor withClean = guided.encode(PREDICTOR, new Trajectory(levels), image, Monitor.NONE);
    Tensor without =
        guided.encode(PREDICTOR, new Trajectory(levels.subList(0, 5)), image, Monitor.NONE);
    assertArrayEquals(withClean.data(), without.data());
  }

  @Test
  void theLatentOfExplodingLevelsIsAsLargeAsTheirNoise() {
    NoiseLevel high = new NoiseLevel(1, 1, 50);
    NoiseLevel low = new NoiseLevel(0, 1, 0.5);
    Trajectory path = new Trajectory(List.of(high, low, NoiseLevel.CLEAN));
    Tensor image = new Tensor(new Shape(1, 1, 1, 1), new float[] {0.9f});
    Prediction p = new Prediction(image.shape(), false);
    PREDICTOR.predict(image, low, p);
    Tensor x = image.copy();
    x.setSum(1, p.x0(), 50, p.eps());
    PREDICTOR.predict(x, high, p);
    Tensor latent = new DdimInversion(Variant.GUIDED).encode(PREDICTOR, path, image, Monitor.NONE);
    assertEquals(50 * p.eps().data()[0], latent.data()[0], 1e-5);
  }

  @Test
  void networksWithVarianceServeToo() {
    NoisePredictor learned = new DummyPredictor(Parameterization.EPSILON, 0.5);
    NoisePredictor plain = DummyPredictor.of(Parameterization.EPSILON);
    Tensor image = DummyPredictor.sample();
    for (Variant variant : Variant.values()) {
      DdimInversion inversion = new DdimInversion(variant);
      assertArrayEquals(
          inversion.encode(plain, leading(LINEAR, 5), image, Monitor.NONE).data(),
          inversion.encode(learned, leading(LINEAR, 5), image, Monitor.NONE).data());
    }
  }

  @Test
  void illegalArgumentsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new DdimInversion(null));
    assertEquals(new DdimInversion(Variant.PAPER), new DdimInversion());
    Trajectory jumps = Trajectory.withJumps(LINEAR, new int[] {0, 300, 600, 900}, 1, 2);
    Tensor image = new Tensor(new Shape(1, 1, 1, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new DdimInversion().encode(PREDICTOR, jumps, image, Monitor.NONE));
  }

  private static Trajectory leading(DiscreteSchedule schedule, int steps) {
    int[] grid = new int[steps];
    for (int k = 0; k < steps; k++) {
      grid[k] = k * (1000 / steps);
    }
    return Trajectory.down(schedule, grid);
  }
}
