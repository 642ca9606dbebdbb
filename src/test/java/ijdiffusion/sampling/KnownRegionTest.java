package ijdiffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KnownRegionTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final Trajectory PATH =
      Trajectory.withJumps(LINEAR, TimeGrid.respaced(1000, 8), 2, 2);
  private static final Shape SHAPE = new Shape(3, 2, 5, 7);

  private static Tensor image() {
    Tensor y = new Tensor(SHAPE);
    KeyedNoise.of(99).next(y);
    // values a careless copy would change: minus zero, the smallest number, far out of range
    y.data()[0] = -0f;
    y.data()[1] = Float.MIN_VALUE;
    y.data()[2] = 1e30f;
    return y;
  }

  private static Tensor mask(SplittableRandom random, double known) {
    Tensor m = new Tensor(new Shape(1, 1, SHAPE.h(), SHAPE.w()));
    for (int i = 0; i < m.data().length; i++) {
      m.data()[i] = random.nextDouble() < known ? 1 : 0;
    }
    return m;
  }

  private static Tensor run(Constraint constraint, NoisePredictor predictor, long seed) {
    Tensor x = new Tensor(SHAPE);
    NoiseSource noise = KeyedNoise.of(seed);
    noise.next(x);
    new ReverseProcess(predictor, new Ddpm(VarianceType.FIXED_SMALL), constraint, PATH)
        .run(x, noise, Monitor.NONE);
    return x;
  }

  @Test
  void knownPixelsComeOutBitForBit() {
    SplittableRandom random = new SplittableRandom(1);
    Tensor y = image();
    for (int i = 0; i < 40; i++) {
      Tensor m = mask(random, i / 39.0);
      m.data()[i % 3] = 1;
      Tensor x = run(new KnownRegion(y, m), new GaussianPredictor(0.3, 0.04), i);
      for (int k = 0; k < x.data().length; k++) {
        if (m.data()[k % 35] == 1) {
          assertEquals(Float.floatToRawIntBits(y.data()[k]), Float.floatToRawIntBits(x.data()[k]));
        } else {
          assertTrue(Math.abs(x.data()[k]) < 3, "filled from the model: " + x.data()[k]);
        }
      }
    }
  }

  @Test
  void unknownPixelsOfTheImageNeverMatter() {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 20; i++) {
      Tensor m = mask(random, 0.5);
      Tensor clean = image();
      Tensor poisoned = image();
      float[] poison = {Float.NaN, Float.POSITIVE_INFINITY, 1e38f};
      for (int k = 0; k < poisoned.data().length; k++) {
        if (m.data()[k % 35] == 0) {
          poisoned.data()[k] = poison[k % 3];
        }
      }
      NoisePredictor mixing = new MeanPredictor();
      float[] expected = run(new KnownRegion(clean, m), mixing, i).data();
      assertArrayEquals(expected, run(new KnownRegion(poisoned, m), mixing, i).data());
      for (float v : expected) {
        assertFalse(Float.isNaN(v));
      }
    }
  }

  @Test
  void theNetworkSeesKnownPixelsAtItsOwnLevel() {
    Tensor y = new Tensor(SHAPE);
    KeyedNoise.of(98).next(y);
    Tensor m = mask(new SplittableRandom(3), 0.4);
    List<NoiseLevel> levels = new ArrayList<>();
    List<Tensor> states = new ArrayList<>();
    NoisePredictor recording =
        (x, level, out) -> {
          levels.add(level);
          states.add(x.copy());
          new GaussianPredictor(0.3, 0.04).predict(x, level, out);
        };
    Tensor x = new Tensor(SHAPE);
    x.fill(0.75f);
    new ReverseProcess(recording, new Ddim(0), new KnownRegion(y, m), PATH)
        .run(x, TestNoise.zero(), Monitor.NONE);
    assertEquals(PATH.stepsDown(), states.size());
    for (float v : states.get(0).data()) {
      assertEquals(0.75f, v, "the first state is pure noise");
    }
    for (int i = 1; i < states.size(); i++) {
      float alpha = (float) levels.get(i).alpha();
      for (int k = 0; k < y.data().length; k++) {
        if (m.data()[k % 35] == 1) {
          assertEquals(alpha * y.data()[k], states.get(i).data()[k], "call " + i);
        }
      }
    }
  }

  @Test
  void mergingDiffusesTheKnownPixelsAndLeavesTheOthers() {
    Tensor y = image();
    Tensor m = mask(new SplittableRandom(4), 0.5);
    Tensor z = new Tensor(SHAPE);
    KeyedNoise.of(5).next(z);
    Tensor x = new Tensor(SHAPE);
    KeyedNoise.of(6).next(x);
    Tensor before = x.copy();
    NoiseLevel t = LINEAR.level(300);
    TestNoise noise = TestNoise.repeating(z);
    new KnownRegion(y, m).beforePrediction(x, t, noise);
    assertEquals(1, noise.draws());
    for (int k = 0; k < x.data().length; k++) {
      if (m.data()[k % 35] == 1) {
        double expected = t.alpha() * y.data()[k] + t.sigma() * z.data()[k];
        assertEquals(expected, x.data()[k], 1e-6 * Math.max(1, Math.abs(expected)));
      } else {
        assertEquals(before.data()[k], x.data()[k]);
      }
    }
  }

  @Test
  void withoutPastingTheNetworksVersionStays() {
    Tensor m = mask(new SplittableRandom(7), 0.5);
    Tensor x = new Tensor(SHAPE);
    x.fill(4);
    new KnownRegion(image(), m, false).finish(x);
    for (float v : x.data()) {
      assertEquals(4, v);
    }
  }

  @Test
  void finishDrawsNothingAndPastesKnownPixelsOnly() {
    Tensor m = mask(new SplittableRandom(8), 0.5);
    Tensor y = image();
    Tensor x = new Tensor(SHAPE);
    x.fill(4);
    new KnownRegion(y, m).finish(x);
    for (int k = 0; k < x.data().length; k++) {
      assertEquals(m.data()[k % 35] == 1 ? y.data()[k] : 4, x.data()[k]);
    }
  }

  @Test
  void masksThatDoNotFitAreRefused() {
    Tensor y = image();
    for (Shape s :
        new Shape[] {
          new Shape(3, 2, 5, 7),
          new Shape(3, 1, 5, 7),
          new Shape(1, 2, 5, 7),
          new Shape(1, 1, 7, 5),
          new Shape(1, 1, 5, 8)
        }) {
      Exception e =
          assertThrows(IllegalArgumentException.class, () -> new KnownRegion(y, new Tensor(s)));
      assertEquals("Mask " + s + " does not fit image " + SHAPE, e.getMessage());
    }
  }

  @Test
  void masksHoldZeroAndOneOnly() {
    Tensor y = image();
    for (float bad : new float[] {0.5f, 2, -1, Float.NaN}) {
      Tensor m = mask(new SplittableRandom(9), 0.5);
      m.data()[34] = bad;
      Exception e = assertThrows(IllegalArgumentException.class, () -> new KnownRegion(y, m));
      assertEquals("A mask holds 0 and 1 only, not " + bad, e.getMessage());
    }
  }

  /** x_0 holds the mean of the whole image: one bad pixel would spoil them all. */
  private static final class MeanPredictor implements NoisePredictor {
    @Override
    public void predict(Tensor x, NoiseLevel level, Prediction out) {
      int size = x.shape().imageSize();
      for (int n = 0; n < x.shape().n(); n++) {
        double mean = 0;
        for (int i = 0; i < size; i++) {
          mean += Math.max(-5, Math.min(5, x.data()[n * size + i])) / size;
        }
        for (int i = 0; i < size; i++) {
          float own = Math.max(-5, Math.min(5, x.data()[n * size + i]));
          out.x0().data()[n * size + i] = (float) (0.5 * level.alpha() * own + 0.3 * mean);
        }
      }
      out.completeFromX0(x, level);
    }
  }
}
