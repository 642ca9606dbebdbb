package ijdiffusion.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.ExplodingState;
import ijdiffusion.model.Parameterization;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.tensor.Reference;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schedules by sigma, and networks that see the exploding state. */
class ExplodingCardTest {
  private static final String SCHEDULE =
      "kind: geometric\n      steps: 1000\n      sigma_min: 0.01\n      sigma_max: 50";

  @TempDir Path temp;

  private ModelCard card(String from, String to) throws IOException {
    String text = CardFolder.replaceOnce(CardFolder.text("gauss-ve"), from, to);
    return ModelCardReader.read(CardFolder.write(temp, "card", text));
  }

  private DiscreteSchedule schedule(String fields) throws IOException {
    return card(SCHEDULE, fields).schedule();
  }

  private static double sigma(DiscreteSchedule schedule, int t) {
    return schedule.level(t).noiseToSignal();
  }

  @Test
  void stateAndMeaning() throws IOException {
    ModelCard exploding = ModelCardReader.read(CardFolder.MODELS.resolve("gauss-ve"));
    assertEquals(new ExplodingState(Parameterization.SCORE), exploding.output().meaning());
    assertEquals(new ValueRange(0, 1), exploding.valueRange());
    assertEquals(
        Parameterization.SCORE,
        card("variance_exploding", "variance_preserving").output().meaning());
    assertEquals(
        Parameterization.SCORE, card("      state: variance_exploding\n", "").output().meaning());
  }

  @Test
  void geometricLadderOfTheVeSde() throws IOException {
    DiscreteSchedule table = schedule(SCHEDULE);
    assertEquals(1000, table.size());
    for (int t : new int[] {0, 1, 500, 999}) {
      double expected = 0.01 * Math.pow(5000, t / 999.0);
      assertEquals(expected, sigma(table, t), 1e-12 * expected);
    }
  }

  @Test
  void karrasTableIsTheReferenceReversed() throws IOException {
    double[] sigmas =
        Reference.doubles(
            Reference.load("analytic_and_tables").getAsJsonObject("edm_sigmas").get("18"));
    DiscreteSchedule table =
        card(
                SCHEDULE + "\n    defaults: {steps: 20",
                "kind: karras\n      steps: 18\n      sigma_min: 0.002\n      sigma_max: 80\n"
                    + "      rho: 7\n    defaults: {steps: 18")
            .schedule();
    assertEquals(18, table.size());
    for (int i = 0; i < 18; i++) {
      assertEquals(sigmas[i], sigma(table, 17 - i), 1e-9 * sigmas[i]);
    }
  }

  @Test
  void explicitSigmasAndTheVpSde() throws IOException {
    DiscreteSchedule ladder =
        card(
                SCHEDULE + "\n    defaults: {steps: 20, jump: 5",
                "kind: sigmas\n      sigmas: [0.01, 0.2, 1]\n    defaults: {steps: 3, jump: 1")
            .schedule();
    assertEquals(3, ladder.size());
    assertEquals(0.2, sigma(ladder, 1), 1e-15);
    DiscreteSchedule vp =
        schedule("kind: vp_sde\n      steps: 1000\n      beta_min: 0.1\n      beta_max: 20");
    assertEquals(Math.exp(-10.05), vp.alphaBar(999), 1e-18);
    // u = 0.5: log alpha-bar = -0.25 19.9 / 2 - 0.05
    assertEquals(Math.exp(-2.5375), vp.alphaBar(499), 1e-14);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sigma_min: 0.01 | sigma_min: 0 | schedule.sigma_min is \"0\", but must be from 1e-5 to 1e5.",
        "sigma_max: 50 | sigma_max: 0.01 | schedule.sigma_max is \"0.01\", but must be above sigma_min.",
        "sigma_max: 50 | sigma_max: 1e6 | schedule.sigma_max is \"1e6\", but must be from 1e-5 to 1e5.",
        "sigma_max: 50 | zero_terminal_snr: true | schedule.zero_terminal_snr is no known field",
        "kind: geometric | kind: karras | schedule.rho is missing",
        "kind: geometric | kind: ncsn | but must be one of linear, scaled_linear, sigmoid, constant, cosine, betas, geometric, karras, sigmas, vp_sde.",
        "variance_exploding | exploding | image.state is \"exploding\", but must be one of variance_preserving, variance_exploding.",
        "meaning: score | meaning: v | image.state is variance_exploding, which contradicts output.meaning v: v is made of signal and noise of a variance-preserving state; leave image.state out.",
        "meaning: score | meaning: edm, sigma_data: 0.5 | contradicts output.meaning edm: that preconditioning says itself what the network sees; leave image.state out.",
      })
  void contradictions(String from, String to, String said) throws IOException {
    String spelled = to.replace(", sigma_data", "\n      sigma_data");
    DiffusionException e = assertThrows(DiffusionException.class, () -> card(from, spelled));
    assertTrue(e.getMessage().contains(said), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kind: sigmas#sigmas: [1, 0.5] | schedule.sigmas is [1, 0.5], but must be numbers from 1e-5 to 1e5, each above the one before.",
        "kind: sigmas#sigmas: [1] | schedule.sigmas is [1], but must be a list of at least 2 numbers.",
        "kind: karras#steps: 9#sigma_min: 0.1#sigma_max: 1#rho: 0 | schedule.rho is \"0\", but must be from 1 to 100.",
        "kind: vp_sde#steps: 9#beta_min: 0#beta_max: 1 | schedule.beta_min is \"0\", but must be from 1e-3 to 40.",
        "kind: vp_sde#steps: 9#beta_min: 2#beta_max: 1 | schedule.beta_max is \"1\", but must be from beta_min to 40.",
        "kind: linear#steps: 1000#beta_start: 1e-4#beta_end: 0.02#zero_terminal_snr: true | image.state is variance_exploding, which contradicts the schedule: its last level holds no signal (alpha-bar = 0), where such a state is infinite; it must be variance_preserving.",
      })
  void unusableSchedules(String fields, String said) {
    String spelled = fields.replace("#", "\n      ");
    DiffusionException e = assertThrows(DiffusionException.class, () -> schedule(spelled));
    assertTrue(e.getMessage().contains(said), e.getMessage());
  }
}
