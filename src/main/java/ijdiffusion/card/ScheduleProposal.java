package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import ijdiffusion.schedule.DiscreteSchedule;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The noise schedule of a network without a card. A network does not show it; metadata may, under
 * the names that diffusers gives its parts. Otherwise it is that of DDPM: linear, betas from 1e-4
 * to 0.02 for 1000 steps, and for T steps 1000 / T times that.
 *
 * @param fields the fields of {@code config.diffusion.schedule}
 * @param known which of them the metadata state
 */
public record ScheduleProposal(Map<String, String> fields, Map<String, String> known) {
  private static final int STEPS = 1000;
  private static final double BETA_START = 1e-4;
  private static final double BETA_END = 0.02;

  /**
   * Makes a proposal.
   *
   * @param metadata of the ONNX file
   * @param table length of the table that the network looks its time up in; 0 where it has none
   */
  public static ScheduleProposal of(Map<String, String> metadata, int table) {
    Map<String, String> known = new LinkedHashMap<>();
    take(known, metadata, "kind", "schedule.kind", "beta_schedule");
    take(known, metadata, "steps", "schedule.steps", "num_train_timesteps");
    take(known, metadata, "beta_start", "schedule.beta_start", "beta_start");
    take(known, metadata, "beta_end", "schedule.beta_end", "beta_end");
    known.computeIfPresent(
        "kind", (key, kind) -> kind.equals("squaredcos_cap_v2") ? "cosine" : kind);
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("kind", known.getOrDefault("kind", "linear"));
    fields.put("steps", known.getOrDefault("steps", "" + (table > 0 ? table : STEPS)));
    if (fields.get("kind").equals("cosine")) {
      known.remove("beta_start");
      known.remove("beta_end");
    } else {
      double scale = STEPS / Math.max(2, number(fields.get("steps")));
      fields.put(
          "beta_start",
          known.getOrDefault("beta_start", Double.toString(Math.min(0.5, BETA_START * scale))));
      fields.put(
          "beta_end",
          known.getOrDefault("beta_end", Double.toString(Math.min(0.999, BETA_END * scale))));
    }
    return new ScheduleProposal(fields, known);
  }

  private static void take(
      Map<String, String> known, Map<String, String> metadata, String field, String... names) {
    for (String name : names) {
      if (metadata.containsKey(name)) {
        known.put(field, metadata.get(name).strip());
        return;
      }
    }
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return STEPS; // reading the card will complain
    }
  }

  /**
   * The schedule proposed; where the metadata do not make one, DDPM's.
   *
   * @return a table
   */
  public DiscreteSchedule schedule() {
    try {
      int steps = Integer.parseInt(fields.get("steps"));
      return switch (fields.get("kind")) {
        case "cosine" -> DiscreteSchedule.cosine(steps);
        case "scaled_linear" -> DiscreteSchedule.scaledLinear(steps, beta("start"), beta("end"));
        case "sigmoid" -> DiscreteSchedule.sigmoid(steps, beta("start"), beta("end"));
        default -> DiscreteSchedule.linear(steps, beta("start"), beta("end"));
      };
    } catch (NumberFormatException | DiffusionException e) {
      return DiscreteSchedule.linear(STEPS, BETA_START, BETA_END);
    }
  }

  private double beta(String end) {
    return Double.parseDouble(fields.get("beta_" + end));
  }
}
