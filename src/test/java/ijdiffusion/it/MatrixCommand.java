package ijdiffusion.it;

import java.util.List;

/**
 * A command of the matrix.
 *
 * @param key short name
 * @param label as in the menu
 * @param options macro options
 * @param suffix ending of the result's title
 * @param factor how many times as wide and high the result is
 * @param isLimited whether the selection limits the command
 * @param leastChanged share of pixels that must differ
 * @param likeness least correlation of result and image, both averaged over blocks of 4 pixels
 */
record MatrixCommand(
    String key,
    String label,
    String options,
    String suffix,
    int factor,
    boolean isLimited,
    double leastChanged,
    double likeness) {

  /**
   * The commands; the models beside {@code nuclei} are exact test networks without any training.
   */
  static List<MatrixCommand> all() {
    return List.of(
        // what is filled in has nothing to do with what was there
        new MatrixCommand(
            "inpaint",
            "Diffusion Inpaint...",
            "model=nuclei steps=12 jump=6 resamplings=1 eta=0",
            "-inpainted",
            1,
            true,
            0.5,
            -1),
        new MatrixCommand(
            "edit",
            "Diffusion Edit...",
            "model=nuclei steps=10 strength=0.4",
            "-edited",
            1,
            true,
            0.3,
            0.7),
        new MatrixCommand(
            "guide",
            "Diffusion Guide...",
            "model=nuclei steps=12 factor=8 variant=paper",
            "-guided",
            1,
            false,
            0.3,
            0.9),
        new MatrixCommand(
            "denoise", "Diffusion Denoise...", "model=nuclei", "-denoised", 1, true, 0.1, 0.98),
        new MatrixCommand(
            "upscale",
            "Diffusion Upscale...",
            "model=cond-inside steps=8",
            "-x2",
            2,
            false,
            0.5,
            0.9),
        new MatrixCommand(
            "restore",
            "Diffusion Restore...",
            "model=repair steps=8",
            "-restored",
            1,
            true,
            0.5,
            0.9),
        new MatrixCommand(
            "restore-fill",
            "Diffusion Restore...",
            "model=cond-last steps=8",
            "-inpainted",
            1,
            true,
            0.5,
            -1));
  }
}
