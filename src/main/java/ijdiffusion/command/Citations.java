package ijdiffusion.command;

import ijdiffusion.image.Provenance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What to cite for a run: its method, its sampler, its model. */
final class Citations {
  private static final Pattern ARXIV = Pattern.compile("\\d{4}\\.\\d{5}");
  private static final String TWEEDIE =
      "Efron B.: Tweedie's formula and selection bias. Journal of the American Statistical"
          + " Association 106, 1602-1614 (2011). https://doi.org/10.1198/jasa.2011.tm11181";
  private static final Map<String, String> BY_ARXIV = new LinkedHashMap<>();

  static {
    add(
        "Lugmayr A. et al.: RePaint: Inpainting using denoising diffusion probabilistic models."
            + " CVPR 2022.",
        "2201.09865");
    add(
        "Choi J. et al.: ILVR: Conditioning method for denoising diffusion probabilistic models."
            + " ICCV 2021.",
        "2108.02938");
    add(
        "Meng C. et al.: SDEdit: Guided image synthesis and editing with stochastic differential"
            + " equations. ICLR 2022.",
        "2108.01073");
    add(
        "Chung H., Sim B., Ye J. C.: Come-closer-diffuse-faster: Accelerating conditional"
            + " diffusion models for inverse problems through stochastic contraction. CVPR 2022.",
        "2112.05146");
    add(
        "Saharia C. et al.: Image super-resolution via iterative refinement. IEEE Transactions on"
            + " Pattern Analysis and Machine Intelligence 45, 4713-4726 (2023).",
        "2104.07636");
    add(
        "Li H. et al.: SRDiff: Single image super-resolution with diffusion probabilistic models."
            + " Neurocomputing 479, 47-59 (2022).",
        "2104.14951");
    add(
        "Saharia C. et al.: Palette: Image-to-image diffusion models. SIGGRAPH 2022.",
        "2111.05826");
    add(
        "San-Roman R., Nachmani E., Wolf L.: Noise estimation for generative diffusion models."
            + " Preprint, 2021.",
        "2104.02600");
    add(
        "Ho J., Jain A., Abbeel P.: Denoising diffusion probabilistic models. NeurIPS 2020.",
        "2006.11239");
    add(
        "Song J., Meng C., Ermon S.: Denoising diffusion implicit models. ICLR 2021.",
        "2010.02502");
    add(
        "Karras T., Aittala M., Aila T., Laine S.: Elucidating the design space of diffusion-based"
            + " generative models. NeurIPS 2022.",
        "2206.00364");
    add(
        "Lu C. et al.: DPM-Solver++: Fast solver for guided sampling of diffusion probabilistic"
            + " models. Preprint, 2022.",
        "2211.01095");
    add(
        "Zhao W. et al.: UniPC: A unified predictor-corrector framework for fast sampling of"
            + " diffusion models. NeurIPS 2023.",
        "2302.04867");
  }

  private Citations() {}

  private static void add(String text, String arxiv) {
    BY_ARXIV.put(arxiv, text + " https://arxiv.org/abs/" + arxiv);
  }

  /**
   * In this order, none twice: method, sampler, model as its card says.
   *
   * @param run a record; of an older version it may lack some
   */
  static List<String> of(Provenance run) {
    Map<String, String> out = new LinkedHashMap<>();
    String method = run.find("method").orElse("");
    String sampler = run.find("sampler").orElse("");
    addAll(out, method);
    if (method.contains("Tweedie")) {
      out.put(TWEEDIE, TWEEDIE);
    }
    if (run.find("model_noise_level_sha256").isPresent()) {
      addAll(out, "2104.02600");
    }
    addAll(out, ofSampler(sampler));
    for (int i = 1; run.find("model_citation_" + i).isPresent(); i++) {
      String text = run.get("model_citation_" + i);
      Matcher m = ARXIV.matcher(text);
      out.putIfAbsent(m.find() ? m.group() : text, text);
    }
    return new ArrayList<>(out.values());
  }

  private static void addAll(Map<String, String> out, String text) {
    Matcher m = ARXIV.matcher(text);
    while (m.find()) {
      if (BY_ARXIV.containsKey(m.group())) {
        out.putIfAbsent(m.group(), BY_ARXIV.get(m.group()));
      }
    }
  }

  /** As docs/samplers.md has it. */
  private static String ofSampler(String key) {
    return switch (key) {
      case "ddpm" -> "2006.11239";
      case "ddim" -> "2010.02502";
      case "heun", "lms", "euler_ancestral" -> "2206.00364";
      case "dpmpp_1s", "dpmpp_2m", "dpmpp_3m", "dpmpp_sde" -> "2211.01095";
      case "unipc" -> "2302.04867";
      default -> "";
    };
  }
}
