package ijdiffusion.card;

import ijdiffusion.model.EdmPreconditioning;
import ijdiffusion.model.ExplodingState;
import ijdiffusion.model.OutputMeaning;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.TimeInput;
import ijdiffusion.model.VarianceType;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.SigmaLadder;
import ijdiffusion.schedule.VpSde;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the file of a diffusers scheduler says about the network: the noise schedule of its
 * training, what it is told and what it says. Fields that are not there have the default of their
 * class. How that scheduler steps does not matter here.
 *
 * @param schedule of the training
 * @param time which number the network is told
 * @param meaning what its output stands for, and which state it sees
 * @param variance empty where nothing is said about a second half of output channels
 * @param clip whether the predicted clean image is limited at every step
 * @param unitRange whether clean images are in [0, 1] whatever the network says, else in [-1, 1]
 * @param eta recommended share of noise in a step
 */
record DiffusersScheduler(
    DiscreteSchedule schedule,
    TimeInput time,
    OutputMeaning meaning,
    Optional<VarianceType> variance,
    boolean clip,
    boolean unitRange,
    double eta) {
  private enum Kind {
    BETAS,
    VE_SDE,
    VP_SDE,
    EDM
  }

  /** Defaults of a class, as of diffusers 0.30. */
  private record ClassDefaults(
      Kind kind, int steps, double betaStart, double betaEnd, boolean hasClip, boolean clip) {
    static ClassDefaults ofBetas(boolean clip) {
      return new ClassDefaults(Kind.BETAS, 1000, 1e-4, 0.02, clip, clip);
    }

    static ClassDefaults of(Kind kind, int steps) {
      return new ClassDefaults(kind, steps, Double.NaN, Double.NaN, false, false);
    }
  }

  private static final Map<String, ClassDefaults> CLASSES = classes();

  private static Map<String, ClassDefaults> classes() {
    Map<String, ClassDefaults> known = new LinkedHashMap<>();
    known.put("DDPMScheduler", ClassDefaults.ofBetas(true));
    known.put("DDIMScheduler", ClassDefaults.ofBetas(true));
    known.put("RePaintScheduler", ClassDefaults.ofBetas(true));
    known.put("PNDMScheduler", ClassDefaults.ofBetas(false));
    known.put("EulerDiscreteScheduler", ClassDefaults.ofBetas(false));
    known.put("EulerAncestralDiscreteScheduler", ClassDefaults.ofBetas(false));
    known.put(
        "HeunDiscreteScheduler", new ClassDefaults(Kind.BETAS, 1000, 0.00085, 0.012, true, false));
    known.put("LMSDiscreteScheduler", ClassDefaults.ofBetas(false));
    known.put("DPMSolverMultistepScheduler", ClassDefaults.ofBetas(false));
    known.put("DPMSolverSinglestepScheduler", ClassDefaults.ofBetas(false));
    known.put("UniPCMultistepScheduler", ClassDefaults.ofBetas(false));
    known.put("ScoreSdeVeScheduler", ClassDefaults.of(Kind.VE_SDE, 2000));
    known.put("ScoreSdeVpScheduler", ClassDefaults.of(Kind.VP_SDE, 2000));
    known.put("EDMEulerScheduler", ClassDefaults.of(Kind.EDM, 1000));
    known.put("EDMDPMSolverMultistepScheduler", ClassDefaults.of(Kind.EDM, 1000));
    return known;
  }

  private enum Prediction {
    EPSILON(Parameterization.EPSILON),
    SAMPLE(Parameterization.X0),
    ORIGINAL_SAMPLE(Parameterization.X0),
    V_PREDICTION(Parameterization.V);

    private final Parameterization meaning;

    Prediction(Parameterization meaning) {
      this.meaning = meaning;
    }
  }

  private enum VarianceName {
    FIXED_SMALL(VarianceType.FIXED_SMALL),
    FIXED_SMALL_LOG(VarianceType.FIXED_SMALL),
    FIXED_LARGE(VarianceType.FIXED_LARGE),
    FIXED_LARGE_LOG(VarianceType.FIXED_LARGE),
    LEARNED_RANGE(VarianceType.LEARNED_RANGE);

    private final VarianceType type;

    VarianceName(VarianceType type) {
      this.type = type;
    }
  }

  private enum SigmaSchedule {
    KARRAS,
    EXPONENTIAL
  }

  /** Reads the fields of a file {@code scheduler_config.json}. */
  static DiffusersScheduler of(Fields file) {
    String name = file.text("_class_name");
    refuseFlows(file, name);
    ClassDefaults defaults = CLASSES.get(name);
    if (defaults == null) {
      throw file.refused(
          "_class_name",
          "one of "
              + String.join(", ", CLASSES.keySet())
              + "; for a network of another kind write a model card (rdf.yaml) beside it");
    }
    return new Parser(file, defaults).parse(name);
  }

  private static void refuseFlows(Fields file, String name) {
    String flow = name.startsWith("FlowMatch") ? "_class_name" : "";
    if (file.has("prediction_type") && file.text("prediction_type").startsWith("flow")) {
      flow = "prediction_type";
    }
    if (file.has("use_flow_sigmas") && file.bool("use_flow_sigmas")) {
      flow = "use_flow_sigmas";
    }
    if (!flow.isEmpty()) {
      throw file.unusable(
          flow,
          "so the network was trained by flow matching, whose states are not those of a diffusion;"
              + " choose another model");
    }
  }

  /** From fields to what they mean. */
  private record Parser(Fields file, ClassDefaults defaults) {
    DiffusersScheduler parse(String name) {
      DiscreteSchedule schedule = schedule();
      OutputMeaning meaning =
          switch (defaults.kind) {
            case VE_SDE -> new ExplodingState(Parameterization.SCORE);
            case VP_SDE -> Parameterization.EPSILON;
            case EDM -> edm();
            case BETAS -> prediction().meaning;
          };
      if (schedule.alphaBar(schedule.size() - 1) == 0 && !meaning.knowsPureNoise()) {
        throw file.unusable(
            file.has("rescale_betas_zero_snr") ? "rescale_betas_zero_snr" : "trained_betas",
            "which leaves no signal at the last level, where nothing follows from the epsilon that"
                + " the network predicts; correct it or prediction_type");
      }
      TimeInput time =
          switch (defaults.kind) {
            case VE_SDE -> TimeInput.SIGMA;
            case VP_SDE -> TimeInput.CONTINUOUS;
            case EDM -> TimeInput.LOG_SIGMA_QUARTER;
            case BETAS -> TimeInput.INDEX;
          };
      return new DiffusersScheduler(
          schedule,
          time,
          meaning,
          variance(),
          clip(),
          defaults.kind == Kind.VE_SDE,
          name.equals("RePaintScheduler") ? file.number("eta", 0) : 1);
    }

    private int steps() {
      return file.has("num_train_timesteps")
          ? file.integer("num_train_timesteps", 2, 100_000)
          : defaults.steps;
    }

    private DiscreteSchedule schedule() {
      return switch (defaults.kind) {
        case VE_SDE -> geometric(0.01, 1348);
        case VP_SDE -> vpSde();
        case EDM ->
            has("sigma_schedule", SigmaSchedule.class, SigmaSchedule.KARRAS) == SigmaSchedule.KARRAS
                ? karras()
                : geometric(0.002, 80);
        case BETAS -> betas();
      };
    }

    private DiscreteSchedule geometric(double min, double max) {
      return ScheduleParser.ascending(
          SigmaLadder.geometric(sigmaMax(min, max), sigmaMin(min), steps()).sigmas());
    }

    private DiscreteSchedule karras() {
      double rho = file.number("rho", 7);
      if (!(rho >= 1 && rho <= 100)) {
        throw file.refused("rho", "from 1 to 100");
      }
      return ScheduleParser.ascending(
          SigmaLadder.karras(sigmaMax(0.002, 80), sigmaMin(0.002), rho, steps()).sigmas());
    }

    private double sigmaMin(double otherwise) {
      double min = file.number("sigma_min", otherwise);
      if (!(min >= 1e-5 && min <= 1e5)) {
        throw file.refused("sigma_min", "from 1e-5 to 1e5");
      }
      return min;
    }

    private double sigmaMax(double smallest, double otherwise) {
      double max = file.number("sigma_max", otherwise);
      if (!(max > sigmaMin(smallest) && max <= 1e5)) {
        throw file.has("sigma_max")
            ? file.refused("sigma_max", "above sigma_min, up to 1e5")
            : file.refused("sigma_min", "below sigma_max, which is " + max);
      }
      return max;
    }

    private DiscreteSchedule vpSde() {
      double min = file.number("beta_min", 0.1);
      double max = file.number("beta_max", 20);
      if (!(min >= 1e-3 && min <= max && max <= 40)) {
        throw file.refused(
            file.has("beta_min") ? "beta_min" : "beta_max",
            "such that 1e-3 <= beta_min <= beta_max <= 40");
      }
      return new VpSde(min, max).table(steps());
    }

    private DiscreteSchedule betas() {
      if (file.has("timestep_type") && file.text("timestep_type").equals("continuous")) {
        throw file.refused(
            "timestep_type",
            "discrete; write a model card (rdf.yaml) for a network told otherwise");
      }
      double[] betas =
          file.has("trained_betas")
              ? file.numbers("trained_betas", "a list of numbers")
              : DiffusersBetas.of(
                  has("beta_schedule", DiffusersBetas.class, DiffusersBetas.LINEAR),
                  steps(),
                  beta("beta_start", defaults.betaStart),
                  beta("beta_end", defaults.betaEnd));
      if (betas.length < 2) {
        throw file.refused("trained_betas", "a list of at least 2 numbers");
      }
      DiscreteSchedule table = DiscreteSchedule.ofBetas(betas);
      return file.bool("rescale_betas_zero_snr", false) ? table.zeroTerminalSnr() : table;
    }

    private double beta(String key, double otherwise) {
      double beta = file.number(key, otherwise);
      if (!(beta > 0 && beta < 1)) {
        throw file.refused(key, "above 0 and below 1");
      }
      return beta;
    }

    /** Files of the first versions say the same by a flag. */
    private Prediction prediction() {
      boolean epsilon = file.has("prediction_type") || file.bool("predict_epsilon", true);
      return has(
          "prediction_type", Prediction.class, epsilon ? Prediction.EPSILON : Prediction.SAMPLE);
    }

    /** With v_prediction diffusers takes -F for F, which is v where the data have unit variance. */
    private OutputMeaning edm() {
      double data = file.number("sigma_data", 0.5);
      if (!(data > 0)) {
        throw file.refused("sigma_data", "above 0");
      }
      Prediction prediction = has("prediction_type", Prediction.class, Prediction.EPSILON);
      if (prediction == Prediction.EPSILON) {
        return new EdmPreconditioning(data);
      }
      if (prediction != Prediction.V_PREDICTION || data != 1) {
        throw file.refused(
            "prediction_type", "epsilon, or v_prediction where sigma_data is 1, not " + data);
      }
      return Parameterization.V;
    }

    private Optional<VarianceType> variance() {
      if (!file.has("variance_type")) {
        return Optional.empty();
      }
      if (file.text("variance_type").equals("learned")) {
        throw file.unusable(
            "variance_type",
            "which diffusers takes for the variance itself and others for its logarithm; write a"
                + " model card (rdf.yaml) beside it where it is the logarithm");
      }
      return Optional.of(file.choice("variance_type", VarianceName.class).type);
    }

    private boolean clip() {
      if (file.bool("thresholding", false) && file.number("sample_max_value", 1) > 1) {
        throw file.refused("sample_max_value", "1.0 with thresholding, which then is clipping");
      }
      boolean clip = defaults.hasClip && file.bool("clip_sample", defaults.clip);
      if (clip && file.number("clip_sample_range", 1) != 1) {
        throw file.refused(
            "clip_sample_range", "1.0, the limit of clean images, unless clip_sample is false");
      }
      return clip || file.bool("thresholding", false);
    }

    private <E extends Enum<E>> E has(String key, Class<E> type, E otherwise) {
      return file.has(key) ? file.choice(key, type) : otherwise;
    }
  }
}
