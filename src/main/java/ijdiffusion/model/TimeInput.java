package ijdiffusion.model;

import ijdiffusion.DiffusionException;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.NoiseSchedule;
import ijdiffusion.schedule.Sde;
import ijdiffusion.schedule.SigmaLadder;

/**
 * Which number tells the network how much noise its input holds. A level between two entries of a
 * table has a fractional index.
 */
public enum TimeInput {
  /** t, the 0-based index on the training schedule, 0 = least noise (DDPM, DDIM, diffusers). */
  INDEX {
    @Override
    public double value(NoiseLevel level, NoiseSchedule schedule) {
      int last = size(schedule) - 1;
      return schedule instanceof SigmaLadder ? last - level.t() : level.t();
    }
  },
  /** 1000 t / T, T = number of levels: rescale_timesteps of improved-diffusion, its default. */
  SCALED_INDEX {
    @Override
    public double value(NoiseLevel level, NoiseSchedule schedule) {
      return INDEX.value(level, schedule) * 1000 / size(schedule);
    }
  },
  /** T - 1 - t: the 0-based index counted from the most noise, as in NCSN. */
  REVERSED_INDEX {
    @Override
    public double value(NoiseLevel level, NoiseSchedule schedule) {
      return size(schedule) - 1 - INDEX.value(level, schedule);
    }
  },
  /**
   * 999 u, u from 0 = no to 1 = most noise: the networks that score_sde trained on the VP and
   * sub-VP SDEs (Song et al. 2021, arXiv:2011.13456). On a table u = (t + 1) / T: the time at which
   * that code visits level t (floor(u (T - 1)) = t, u down to 1e-3, T = 1000), and the one at which
   * the SDE holds as much noise. On a ladder u is the share of the way from the least noise.
   */
  CONTINUOUS {
    @Override
    public double value(NoiseLevel level, NoiseSchedule schedule) {
      if (schedule instanceof Sde) {
        return 999 * level.t();
      }
      double index = INDEX.value(level, schedule);
      return schedule instanceof SigmaLadder
          ? 999 * index / Math.max(1, size(schedule) - 1)
          : 999 * (index + 1) / size(schedule);
    }
  },
  /** sqrt(alpha-bar) = alpha (SR3), on preserving schedules. */
  SQRT_ALPHA_BAR {
    @Override
    public double value(NoiseLevel level, NoiseSchedule schedule) {
      return level.alpha();
    }
  },
  /** alpha-bar (Palette), on preserving schedules. */
  ALPHA_BAR {
    @Override
    public double value(NoiseLevel level, NoiseSchedule schedule) {
      return level.alphaBar();
    }
  },
  /** sigma / alpha, the noise beside a signal of scale 1; sigma itself on exploding schedules. */
  SIGMA {
    @Override
    public double value(NoiseLevel level, NoiseSchedule schedule) {
      return level.noiseToSignal();
    }
  },
  /** ln(sigma / alpha) / 4, c_noise of EDM (Karras et al. 2022, arXiv:2206.00364, table 1). */
  LOG_SIGMA_QUARTER {
    @Override
    public double value(NoiseLevel level, NoiseSchedule schedule) {
      return Math.log(level.noiseToSignal()) / 4;
    }
  };

  /**
   * The number for a level.
   *
   * @param level the level of the network's input, sigma above 0
   * @param schedule the schedule of the training, which the level's time belongs to
   * @throws DiffusionException for an index where the schedule has none, being continuous
   */
  public abstract double value(NoiseLevel level, NoiseSchedule schedule);

  /** Whether the number is an integer at every level of a table. */
  public boolean isInteger() {
    return this == INDEX || this == REVERSED_INDEX;
  }

  /** Whether there is such a number where a level holds no signal (alpha = 0). */
  public boolean knowsPureNoise() {
    return this != SIGMA && this != LOG_SIGMA_QUARTER;
  }

  private static int size(NoiseSchedule schedule) {
    if (schedule instanceof DiscreteSchedule table) {
      return table.size();
    }
    if (schedule instanceof SigmaLadder ladder) {
      return ladder.size();
    }
    throw new DiffusionException(
        "The network takes the index of a level, but its schedule "
            + schedule
            + " is continuous and has none; it needs a table.");
  }
}
