package ijdiffusion.command;

import ijdiffusion.DiffusionException;
import ijdiffusion.edit.SamplerChoice;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How much time a command takes: the sampler and the steps behind its presets, which {@code
 * docs/performance-calls.md} compares.
 *
 * @param fast little time, for trying things out
 * @param balanced what suffices
 * @param thorough beyond it more steps gain nothing that could be measured
 */
record SamplingPresets(Sampling fast, Sampling balanced, Sampling thorough) {
  /** Value of the key {@code sampler} that leaves the choice to the preset. */
  static final String BY_PRESET = "preset";

  /**
   * How a run goes from noise to image.
   *
   * @param choice the sampler
   * @param steps noise levels on the way
   */
  record Sampling(SamplerChoice choice, int steps) {
    /** Adds both to a record. */
    void record(Map<String, String> fields) {
      fields.put("sampler", choice.key());
      fields.put("steps", Integer.toString(steps));
    }
  }

  /** Legal values of the key {@code sampler} where a command has presets. */
  static List<String> samplers() {
    return Stream.concat(Stream.of(BY_PRESET), SamplerChoice.keys().stream()).toList();
  }

  /**
   * What a user's settings come to.
   *
   * @param preset fast, balanced or thorough
   * @param sampler {@value #BY_PRESET}, or a sampler's key, in any case
   * @param steps 0 as the preset says
   * @param levels of the model's schedule, which a preset's steps do not exceed
   */
  Sampling choose(String preset, String sampler, int steps, int levels) {
    Sampling base =
        switch (preset) {
          case "fast" -> fast;
          case "balanced" -> balanced;
          case "thorough" -> thorough;
          default -> // from Java; options of macros have been checked
              throw new DiffusionException(
                  "preset is \"" + preset + "\", but must be one of fast, balanced, thorough.");
        };
    return new Sampling(
        choice(sampler, base.choice), steps == 0 ? Math.min(base.steps, levels) : steps);
  }

  private static SamplerChoice choice(String sampler, SamplerChoice base) {
    String key = sampler.trim().toLowerCase(Locale.ROOT);
    if (key.equals(BY_PRESET)) {
      return base;
    }
    if (!SamplerChoice.keys().contains(key)) {
      throw new DiffusionException(
          "sampler is \""
              + sampler
              + "\", but must be "
              + BY_PRESET
              + " or one of "
              + String.join(", ", SamplerChoice.keys())
              + ".");
    }
    return SamplerChoice.parse(key);
  }
}
