package ijdiffusion.command;

import ijdiffusion.command.SamplingPresets.Sampling;
import ijdiffusion.schedule.DiscreteSchedule;
import java.util.List;
import org.scijava.plugin.Parameter;

/** What commands share on whose way from noise to image any sampler can go. */
abstract class SampledCommand extends ImageCommand {
  private final SamplingPresets presets;

  @Parameter(
      label = "Preset",
      choices = {"fast", "balanced", "thorough"},
      description = "How much time to take: sampler and number of steps.")
  private String preset = "balanced";

  @Parameter(
      label = "Steps",
      min = "0",
      max = "2000",
      description = "Noise levels of the whole way; 0 as the preset says.")
  private int steps = 0;

  @Parameter(
      label = "Sampler",
      description = "How to step, see docs/samplers.md; preset = as the preset says.")
  private String sampler = SamplingPresets.BY_PRESET;

  /**
   * A command with its presets.
   *
   * @param presets what they mean for it
   */
  SampledCommand(SamplingPresets presets) {
    this.presets = presets;
  }

  /**
   * What the settings come to.
   *
   * @param schedule on which the model will run
   */
  final Sampling sampling(DiscreteSchedule schedule) {
    return presets.choose(preset, sampler, steps, schedule.size());
  }

  @Override
  public List<String> choices(String key) {
    return key.equals("sampler") ? SamplingPresets.samplers() : super.choices(key);
  }
}
