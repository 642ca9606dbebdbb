package ijdiffusion.card;

import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.SigmaLadder;
import ijdiffusion.schedule.VpSde;
import java.util.ArrayList;
import java.util.List;

/** From the mapping {@code schedule} of a card to a noise schedule. */
final class ScheduleParser {
  private enum Kind {
    LINEAR("steps", "beta_start", "beta_end"),
    SCALED_LINEAR("steps", "beta_start", "beta_end"),
    SIGMOID("steps", "beta_start", "beta_end"),
    CONSTANT("steps", "beta"),
    COSINE("steps"),
    BETAS("betas"),
    GEOMETRIC("steps", "sigma_min", "sigma_max"),
    KARRAS("steps", "sigma_min", "sigma_max", "rho"),
    SIGMAS("sigmas"),
    VP_SDE("steps", "beta_min", "beta_max");

    private final List<String> own;

    Kind(String... own) {
      this.own = List.of(own);
    }

    /** All fields of a schedule of this kind. */
    private String[] fields() {
      List<String> all = new ArrayList<>();
      all.add("kind");
      all.addAll(own);
      if (ordinal() <= BETAS.ordinal()) {
        all.add("zero_terminal_snr");
      }
      return all.toArray(String[]::new);
    }
  }

  private final Fields schedule;

  private ScheduleParser(Fields schedule) {
    this.schedule = schedule;
  }

  static DiscreteSchedule parse(Fields schedule) {
    Kind kind = schedule.choice("kind", Kind.class);
    schedule.only(kind.fields());
    DiscreteSchedule table = new ScheduleParser(schedule).table(kind);
    return schedule.bool("zero_terminal_snr", false) ? table.zeroTerminalSnr() : table;
  }

  private DiscreteSchedule table(Kind kind) {
    return switch (kind) {
      case LINEAR -> DiscreteSchedule.linear(steps(), beta("beta_start"), beta("beta_end"));
      case SCALED_LINEAR ->
          DiscreteSchedule.scaledLinear(steps(), beta("beta_start"), beta("beta_end"));
      case SIGMOID -> DiscreteSchedule.sigmoid(steps(), beta("beta_start"), beta("beta_end"));
      case CONSTANT -> DiscreteSchedule.constant(steps(), beta("beta"));
      case COSINE -> DiscreteSchedule.cosine(steps());
      case BETAS -> DiscreteSchedule.ofBetas(list("betas"));
      case GEOMETRIC ->
          ascending(SigmaLadder.geometric(sigmaMax(), sigma("sigma_min"), steps()).sigmas());
      case KARRAS ->
          ascending(SigmaLadder.karras(sigmaMax(), sigma("sigma_min"), rho(), steps()).sigmas());
      case SIGMAS -> DiscreteSchedule.ofNoiseToSignal(sigmas());
      case VP_SDE -> vpSde().table(steps());
    };
  }

  /** A ladder of sigmas, which descend, as a table, whose index 0 is the least noise. */
  static DiscreteSchedule ascending(double... ladder) {
    double[] sigmas = new double[ladder.length];
    for (int t = 0; t < sigmas.length; t++) {
      sigmas[t] = ladder[ladder.length - 1 - t];
    }
    return DiscreteSchedule.ofNoiseToSignal(sigmas);
  }

  private static boolean isSigma(double sigma) {
    return sigma >= 1e-5 && sigma <= 1e5;
  }

  private double sigma(String key) {
    double sigma = schedule.number(key);
    if (!isSigma(sigma)) {
      throw schedule.refused(key, "from 1e-5 to 1e5");
    }
    return sigma;
  }

  private double[] sigmas() {
    double[] sigmas = list("sigmas");
    for (int t = 0; t < sigmas.length; t++) {
      if (!isSigma(sigmas[t]) || (t > 0 && sigmas[t] <= sigmas[t - 1])) {
        throw schedule.refused("sigmas", "numbers from 1e-5 to 1e5, each above the one before");
      }
    }
    return sigmas;
  }

  /** A beta_max of 40 leaves a signal of 5e-5; more would leave none to compute with. */
  private VpSde vpSde() {
    double min = schedule.number("beta_min");
    double max = schedule.number("beta_max");
    if (!(min >= 1e-3 && min <= 40)) {
      throw schedule.refused("beta_min", "from 1e-3 to 40");
    }
    if (!(max >= min && max <= 40)) {
      throw schedule.refused("beta_max", "from beta_min to 40");
    }
    return new VpSde(min, max);
  }

  private double sigmaMax() {
    double max = sigma("sigma_max");
    if (!(max > sigma("sigma_min"))) {
      throw schedule.refused("sigma_max", "above sigma_min");
    }
    return max;
  }

  private double rho() {
    double rho = schedule.number("rho");
    if (!(rho >= 1 && rho <= 100)) {
      throw schedule.refused("rho", "from 1 to 100");
    }
    return rho;
  }

  private int steps() {
    return schedule.integer("steps", 2, 100_000);
  }

  private double beta(String key) {
    double beta = schedule.number(key);
    if (!(beta > 0 && beta < 1)) {
      throw schedule.refused(key, "above 0 and below 1");
    }
    return beta;
  }

  private double[] list(String key) {
    String legal = "a list of at least 2 numbers";
    double[] list = schedule.numbers(key, legal);
    if (list.length < 2) {
      throw schedule.refused(key, legal);
    }
    return list;
  }
}
