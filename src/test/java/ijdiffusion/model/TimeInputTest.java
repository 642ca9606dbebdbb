package ijdiffusion.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.DiffusionException;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.NoiseSchedule;
import ijdiffusion.schedule.SigmaLadder;
import ijdiffusion.schedule.VeSde;
import ijdiffusion.schedule.VpSde;
import ijdiffusion.tensor.Reference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TimeInputTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);

  private static double value(TimeInput input, NoiseSchedule schedule, double t) {
    return input.value(schedule.level(t), schedule);
  }

  @Test
  void sr3AndPaletteTellTheirNetworksWhatTheReferenceSays() {
    JsonObject tables = Reference.load("analytic_and_tables");
    DiscreteSchedule sr3 = DiscreteSchedule.linear(2000, 1e-6, 1e-2);
    JsonObject levels = tables.getAsJsonObject("sr3_noise_level_input");
    for (int t : new int[] {1999, 1000, 0}) {
      double expected = levels.get("t=" + t).getAsDouble();
      assertEquals(expected, value(TimeInput.SQRT_ALPHA_BAR, sr3, t), 1e-12);
    }
    DiscreteSchedule palette = DiscreteSchedule.linear(1000, 1e-4, 0.09);
    JsonObject gammas = tables.getAsJsonObject("palette_gamma_input");
    for (int t : new int[] {999, 500, 0}) {
      double expected = gammas.get("t=" + t).getAsDouble();
      assertEquals(expected, value(TimeInput.ALPHA_BAR, palette, t), 1e-9 * expected);
    }
  }

  @Test
  void onTheLinearTable() {
    // alpha-bar_500 of the linear schedule, from the reference table
    double alphaBar = 0.07779665836502389;
    double sigma = Math.sqrt(1 / alphaBar - 1);
    assertEquals(500, value(TimeInput.INDEX, LINEAR, 500));
    assertEquals(500, value(TimeInput.SCALED_INDEX, LINEAR, 500));
    assertEquals(499, value(TimeInput.REVERSED_INDEX, LINEAR, 500));
    assertEquals(999 * 0.501, value(TimeInput.CONTINUOUS, LINEAR, 500), 1e-12);
    assertEquals(alphaBar, value(TimeInput.ALPHA_BAR, LINEAR, 500), 1e-12);
    assertEquals(Math.sqrt(alphaBar), value(TimeInput.SQRT_ALPHA_BAR, LINEAR, 500), 1e-12);
    assertEquals(sigma, value(TimeInput.SIGMA, LINEAR, 500), 1e-12);
    assertEquals(Math.log(sigma) / 4, value(TimeInput.LOG_SIGMA_QUARTER, LINEAR, 500), 1e-12);
  }

  @Test
  void tablesOfOtherLengths() {
    // improved-diffusion with 4000 steps: 1000 / 4000 of the index
    DiscreteSchedule long4000 = DiscreteSchedule.cosine(4000);
    assertEquals(0, value(TimeInput.SCALED_INDEX, long4000, 0));
    assertEquals(0.25, value(TimeInput.SCALED_INDEX, long4000, 1));
    assertEquals(999.75, value(TimeInput.SCALED_INDEX, long4000, 3999));
    assertEquals(3999, value(TimeInput.REVERSED_INDEX, long4000, 0));
    assertEquals(0, value(TimeInput.REVERSED_INDEX, long4000, 3999));
    assertEquals(999 / 4000.0, value(TimeInput.CONTINUOUS, long4000, 0));
    assertEquals(999, value(TimeInput.CONTINUOUS, long4000, 3999));
    assertEquals(999, value(TimeInput.CONTINUOUS, DiscreteSchedule.ofBetas(0.5), 0));
  }

  @Test
  void betweenLevelsOfATableIndicesAreFractions() {
    NoiseLevel level = new NoiseLevel(416.25, 0.5, Math.sqrt(0.75));
    assertEquals(416.25, TimeInput.INDEX.value(level, LINEAR));
    assertEquals(416.25, TimeInput.SCALED_INDEX.value(level, LINEAR));
    assertEquals(582.75, TimeInput.REVERSED_INDEX.value(level, LINEAR));
  }

  @Test
  void aLadderCountsFromTheMostNoise() {
    SigmaLadder ladder = SigmaLadder.geometric(50, 0.01, 5);
    assertEquals(0, value(TimeInput.REVERSED_INDEX, ladder, 0));
    assertEquals(3, value(TimeInput.REVERSED_INDEX, ladder, 3));
    assertEquals(4, value(TimeInput.INDEX, ladder, 0));
    assertEquals(200, value(TimeInput.SCALED_INDEX, ladder, 3));
    assertEquals(999, value(TimeInput.CONTINUOUS, ladder, 0));
    assertEquals(999 / 4.0, value(TimeInput.CONTINUOUS, ladder, 3));
    assertEquals(50, value(TimeInput.SIGMA, ladder, 0), 1e-12);
    assertEquals(Math.log(0.01) / 4, value(TimeInput.LOG_SIGMA_QUARTER, ladder, 4), 1e-12);
  }

  @Test
  void continuousSchedules() {
    VpSde vp = new VpSde(0.1, 20);
    assertEquals(999 * 0.3, value(TimeInput.CONTINUOUS, vp, 0.3), 1e-12);
    // log alpha(1) = -19.9 / 4 - 0.05
    assertEquals(Math.exp(-5.025), value(TimeInput.SQRT_ALPHA_BAR, vp, 1), 1e-15);
    VeSde ve = new VeSde(0.01, 50);
    assertEquals(50, value(TimeInput.SIGMA, ve, 1), 1e-12);
    assertEquals(Math.log(50) / 4, value(TimeInput.LOG_SIGMA_QUARTER, ve, 1), 1e-12);
    for (TimeInput index :
        new TimeInput[] {TimeInput.SCALED_INDEX, TimeInput.REVERSED_INDEX, TimeInput.INDEX}) {
      DiffusionException e = assertThrows(DiffusionException.class, () -> value(index, ve, 0.5));
      assertTrue(e.getMessage().startsWith("The network takes the index of a level, but its sch"));
    }
  }

  @ParameterizedTest
  @EnumSource(TimeInput.class)
  void integersAndPureNoise(TimeInput input) {
    DiscreteSchedule zero = LINEAR.zeroTerminalSnr();
    assertEquals(input.knowsPureNoise(), Double.isFinite(value(input, zero, 999)));
    // here 1000 t / T and 999 t / (T - 1) are fractions
    DiscreteSchedule seven = DiscreteSchedule.linear(7, 0.1, 0.2);
    double value = value(input, seven, 3);
    assertEquals(input.isInteger(), value == Math.rint(value));
  }
}
