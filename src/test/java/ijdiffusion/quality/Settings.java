package ijdiffusion.quality;

import ijdiffusion.DiffusionException;
import ijdiffusion.edit.SamplerChoice;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is measured, from system properties.
 *
 * @param data folder with {@code nuclei_fluo/heldout} and {@code eval_kodak24} ({@code
 *     quality.data})
 * @param out folder of the results ({@code quality.out})
 * @param experiments which of them ({@code quality.experiments}, separated by commas)
 * @param models which of the shipped models ({@code quality.models}, separated by commas); empty
 *     for all
 * @param images first so many images of a set ({@code quality.images}); 0 for all
 * @param samples at most so many samples an image, at least 2 ({@code quality.samples}); 0 for what
 *     each experiment has by itself
 * @param holes shapes of holes for the table of inpainting, of {@link Holes#all} ({@code
 *     quality.holes}, separated by commas)
 * @param inpaint paths, separated by semicolons, each {@code kriged} with levels, or {@code
 *     repaint} or {@code focused} with steps, jump and resamplings, as in {@code focused 40,2,5}
 *     ({@code quality.inpaint})
 * @param fill how networks that were trained to fill holes do it: samplers with their steps,
 *     separated by semicolons, as in {@code ddim 20} ({@code quality.fill})
 * @param calls ways to fill a hole for the table of quality against network calls, separated by
 *     semicolons, see {@link InpaintWay#parse} ({@code quality.calls})
 * @param callSamplers samplers of the other tables of quality against network calls ({@code
 *     quality.calls.samplers}, separated by commas)
 * @param callSteps their steps, ascending ({@code quality.calls.steps}, separated by commas); empty
 *     for what each table has by itself
 * @param upscaleSampler sampler of an enlargement ({@code quality.sr}, before the steps, as in
 *     {@code dpmpp_2m 10})
 * @param upscaleSteps its steps
 * @param upscaleSide longest side of images that are enlarged to; the middle of larger ones ({@code
 *     quality.sr.side})
 */
record Settings(
    Path data,
    Path out,
    List<String> experiments,
    List<String> models,
    int images,
    int samples,
    List<String> holes,
    List<InpaintPath> inpaint,
    List<InOneGo> fill,
    List<InpaintWay> calls,
    List<SamplerChoice> callSamplers,
    List<Integer> callSteps,
    SamplerChoice upscaleSampler,
    int upscaleSteps,
    int upscaleSide) {
  /** Samples of every run are those of this seed. */
  static final long SEED = 1;

  Settings {
    DiffusionException.inRange("quality.images", images, 0, 1_000_000);
    DiffusionException.inRange("quality.samples", samples, 0, 1000);
    DiffusionException.inRange("quality.sr.side", upscaleSide, 64, 512);
    if (samples == 1) {
      throw new DiffusionException("quality.samples is 1, but must be at least 2, or 0.");
    }
    experiments = List.copyOf(experiments);
    models = List.copyOf(models);
    holes = List.copyOf(holes);
    for (String hole : holes) {
      if (!Holes.all().containsKey(hole)) {
        throw new DiffusionException(
            "quality.holes has \""
                + hole
                + "\", but each must be one of "
                + String.join(", ", Holes.all().keySet())
                + ".");
      }
    }
    inpaint = List.copyOf(inpaint);
    fill = List.copyOf(fill);
    calls = List.copyOf(calls);
    callSamplers = List.copyOf(callSamplers);
    callSteps = List.copyOf(callSteps);
  }

  /** Whether there is anything to measure on. */
  static boolean hasData() {
    return !System.getProperty("quality.data", "").isBlank();
  }

  static Settings ofProperties() {
    String[] enlarging = text("quality.sr", "dpmpp_2m 10").split(" +");
    if (enlarging.length != 2) {
      throw new DiffusionException(
          "quality.sr is \""
              + String.join(" ", enlarging)
              + "\", but must be a sampler and its steps, as in dpmpp_2m 10.");
    }
    return new Settings(
        Path.of(text("quality.data", "")),
        Path.of(text("quality.out", "target/quality")),
        List.of(text("quality.experiments", "inpainting,sr,denoising,unconditional").split(",")),
        Stream.of(text("quality.models", "").split(",")).filter(name -> !name.isBlank()).toList(),
        number("quality.images", 0),
        number("quality.samples", 0),
        List.of(text("quality.holes", "square,disc,stroke").split(",")),
        inpaintings(text("quality.inpaint", "kriged 16,3,5; kriged 12,3,5; repaint 40,5,3")),
        Arrays.stream(text("quality.fill", "ddim 20; dpmpp_2m 5").split(";"))
            .map(InOneGo::parse)
            .toList(),
        Arrays.stream(text("quality.calls", InpaintWay.STANDARD).split(";"))
            .map(InpaintWay::parse)
            .toList(),
        Arrays.stream(text("quality.calls.samplers", "ddpm,ddim,dpmpp_2m,dpmpp_sde").split(","))
            .map(SamplerChoice::parse)
            .toList(),
        Stream.of(text("quality.calls.steps", "").split(","))
            .filter(steps -> !steps.isBlank())
            .map(steps -> Integer.valueOf(steps.strip()))
            .toList(),
        SamplerChoice.parse(enlarging[0]),
        Integer.parseInt(enlarging[1]),
        number("quality.sr.side", 512));
  }

  /** Whether an experiment is to be made: named itself, or by what comes before a hyphen. */
  boolean wants(Experiment experiment) {
    String name = experiment.name();
    return experiments.contains(name) || experiments.contains(name.split("-")[0]);
  }

  /** Whether a model is among those to be measured. */
  boolean isAbout(String model) {
    return models.isEmpty() || models.contains(model);
  }

  /** Samples of an image in an experiment that has so many by itself. */
  int samplesOf(int standard) {
    return samples == 0 ? standard : Math.min(samples, standard);
  }

  /** Steps of a table that has these by itself. */
  List<Integer> stepsOf(List<Integer> standard) {
    return callSteps.isEmpty() ? standard : callSteps;
  }

  private static List<InpaintPath> inpaintings(String text) {
    return Arrays.stream(text.split(";")).map(InpaintPath::parse).toList();
  }

  private static int number(String key, int standard) {
    return Integer.parseInt(text(key, Integer.toString(standard)));
  }

  private static String text(String key, String standard) {
    String value = System.getProperty(key, "").strip();
    return value.isEmpty() ? standard : value;
  }
}
