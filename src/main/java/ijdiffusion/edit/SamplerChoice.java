package ijdiffusion.edit;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.DpmSolverPp;
import ijdiffusion.sampling.EulerAncestral;
import ijdiffusion.sampling.Heun;
import ijdiffusion.sampling.LinearMultistep;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.sampling.UniPc;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The samplers a user may choose by name. All run on any network; those that are missing here need
 * a schedule of their own and are for the card of such a network to ask for.
 */
public enum SamplerChoice {
  /** Ancestral sampling with the variance the network was trained for. */
  DDPM("ddpm"),
  /** DDIM; eta says how much noise. */
  DDIM("ddim"),
  /** Ancestral Euler; eta says how much noise. */
  EULER_ANCESTRAL("euler_ancestral"),
  /** Heun's second-order method, two network calls a step. */
  HEUN("heun"),
  /** Linear multistep of order 4. */
  LMS("lms"),
  /** DPM-Solver++ of order 1. */
  DPMPP_1S("dpmpp_1s"),
  /** DPM-Solver++ 2M. */
  DPMPP_2M("dpmpp_2m"),
  /** DPM-Solver++ 3M. */
  DPMPP_3M("dpmpp_3m"),
  /** SDE-DPM-Solver++ 2M. */
  DPMPP_SDE("dpmpp_sde"),
  /** UniPC of order 2. */
  UNIPC("unipc");

  private static final double FAR = 200;
  private static final double NEAR = 80; // where Karras et al. 2022 begin

  private final String key;

  SamplerChoice(String key) {
    this.key = key;
  }

  /** The name in macros. */
  public String key() {
    return key;
  }

  /** All names, in order. */
  public static List<String> keys() {
    return Arrays.stream(values()).map(SamplerChoice::key).toList();
  }

  /**
   * The choice of a name.
   *
   * @param key one of {@link #keys}, in any case
   */
  public static SamplerChoice parse(String key) {
    String wanted = key.trim().toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(choice -> choice.key.equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new DiffusionException(
                    "sampler is \""
                        + key
                        + "\", but must be one of "
                        + String.join(", ", keys())
                        + "."));
  }

  /**
   * The sampler.
   *
   * @param eta share of noise of DDIM and ancestral Euler, in [0, 1]; others do not look at it
   * @param variance the variance the network was trained for, for DDPM
   */
  public Sampler sampler(double eta, VarianceType variance) {
    return switch (this) {
      case DDPM -> new Ddpm(variance);
      case DDIM -> new Ddim(eta);
      case EULER_ANCESTRAL -> new EulerAncestral(eta);
      case HEUN -> new Heun();
      case LMS -> new LinearMultistep();
      case DPMPP_1S -> DpmSolverPp.ode(1);
      case DPMPP_2M -> DpmSolverPp.ode(2);
      case DPMPP_3M -> DpmSolverPp.ode(3);
      case DPMPP_SDE -> DpmSolverPp.sde(2);
      case UNIPC -> new UniPc();
    };
  }

  /**
   * Network calls of one sample.
   *
   * @param path as {@link #path} made it
   */
  public int networkCalls(Trajectory path) {
    if (this != HEUN) {
      return path.stepsDown();
    }
    return Math.max(1, 2 * path.stepsDown() - (Heun.isCorrected(path.start()) ? 1 : 2));
  }

  /**
   * The levels a run visits, from the schedule's noisiest to clean: evenly spaced indices, as in
   * the papers of DDPM and DDIM, for the samplers of first order; for the others, whose accuracy
   * hangs on the spacing in log noise, the spacing of Karras et al. 2022 (arXiv:2206.00364,
   * equation 5, rho = 7) between the noise of the schedule's ends. Where the noisiest level holds
   * more than {@value #FAR} times as much noise as signal, as that of a cosine schedule or of
   * Palette's, or nothing but noise, the second level is at {@value #NEAR} times: nothing is
   * decided between them, and so long a way leaves too few levels where images take shape.
   *
   * @param schedule the network's training schedule
   * @param steps levels with noise, from 2 to the schedule's size
   * @param wholeTimes whether the network takes integer times only: levels are then the nearest on
   *     the table, and those that coincide are visited once
   */
  public Trajectory path(DiscreteSchedule schedule, int steps, boolean wholeTimes) {
    DiffusionException.inRange("steps", steps, 2, schedule.size());
    if (isFirstOrder()) {
      return Trajectory.down(schedule, TimeGrid.respaced(schedule.size(), steps));
    }
    NoiseLevel noisiest = schedule.level(schedule.size() - 1);
    double max = noisiest.noiseToSignal();
    double min = schedule.level(0).noiseToSignal();
    if (max <= FAR || min >= NEAR) {
      return Trajectory.of(KarrasLevels.of(schedule, max, min, steps, wholeTimes));
    }
    List<NoiseLevel> levels = new ArrayList<>(List.of(noisiest));
    levels.addAll(
        steps == 2
            ? List.of(schedule.level(0))
            : KarrasLevels.of(schedule, NEAR, min, steps - 1, wholeTimes));
    return Trajectory.of(levels);
  }

  private boolean isFirstOrder() {
    return this == DDPM || this == DDIM || this == EULER_ANCESTRAL;
  }
}
