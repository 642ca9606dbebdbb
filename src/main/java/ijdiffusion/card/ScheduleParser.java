package ijdiffusion.card;

import ijdiffusion.schedule.DiscreteSchedule;
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
    BETAS("betas");

    private final String[] fields;

    Kind(String... own) {
      List<String> all = new ArrayList<>();
      all.add("kind");
      all.addAll(List.of(own));
      all.add("zero_terminal_snr");
      this.fields = all.toArray(String[]::new);
    }
  }

  private final Fields schedule;

  private ScheduleParser(Fields schedule) {
    this.schedule = schedule;
  }

  static DiscreteSchedule parse(Fields schedule) {
    Kind kind = schedule.choice("kind", Kind.class);
    schedule.only(kind.fields);
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
      case BETAS -> DiscreteSchedule.ofBetas(betas());
    };
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

  private double[] betas() {
    String legal = "a list of at least 2 numbers";
    double[] betas = schedule.numbers("betas", legal);
    if (betas.length < 2) {
      throw schedule.refused("betas", legal);
    }
    return betas;
  }
}
