package ijdiffusion.edit;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * Images between two latents (DDIM, Song, Meng and Ermon 2021, arXiv:2010.02502, section 5.3 and
 * appendix D.5): frame k of n is the image decoded from {@link Slerp#between} at the fraction k /
 * (n - 1), so the first and the last frame are the two latents' own images.
 *
 * @param frames n, at least 2; 11 makes the paper's fractions 0, 0.1, ..., 1
 * @param inversion how images become latents, and back
 */
public record Interpolation(int frames, DdimInversion inversion) {
  public Interpolation {
    DiffusionException.inRange("frames", frames, 2, 10_000);
    if (inversion == null) {
      throw new IllegalArgumentException("inversion is missing");
    }
  }

  /**
   * One latent of the row.
   *
   * @param z1 latent of the first frame
   * @param z2 latent of the last frame, the same shape
   * @param frame k, from 0 to {@code frames - 1}
   */
  public Tensor latent(Tensor z1, Tensor z2, int frame) {
    DiffusionException.inRange("frame", frame, 0, frames - 1);
    return Slerp.between(z1, z2, frame / (frames - 1.0));
  }

  /**
   * All frames between two latents, decoded one after the other.
   *
   * @param predictor the network
   * @param path the path down on which the latents were made
   * @param z1 latent of the first frame, (1, C, H, W)
   * @param z2 latent of the last frame, (1, C, H, W)
   * @param monitor told after each step of each frame, counted through
   * @return (frames, C, H, W)
   */
  public Tensor decode(
      NoisePredictor predictor, Trajectory path, Tensor z1, Tensor z2, Monitor monitor) {
    Shape one = z1.shape();
    if (one.n() != 1) {
      throw new IllegalArgumentException("Latents " + one + " are several; give one at a time");
    }
    Tensor out = new Tensor(one.withBatch(frames));
    for (int k = 0; k < frames; k++) {
      int before = k;
      Monitor counted =
          (done, total, x0) -> monitor.onStep(before * total + done, frames * total, x0);
      Tensor image = inversion.decode(predictor, path, latent(z1, z2, k), counted);
      System.arraycopy(image.data(), 0, out.data(), k * one.size(), one.size());
    }
    return out;
  }
}
