package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.OutputMeaning;
import ijdiffusion.model.VarianceType;

/**
 * The network's output: float32 (N, C, H, W), or (N, 2C, H, W) where it predicts variances as well.
 *
 * @param name of the output in the ONNX file
 * @param meaning what its first C channels say
 * @param channels C or 2C
 * @param variance which variance the network was trained for; a learned one takes 2C channels
 * @param clip whether the predicted clean image is limited to the value range at every step
 */
public record OutputTensor(
    String name, OutputMeaning meaning, int channels, VarianceType variance, boolean clip) {
  public OutputTensor {
    DiffusionException.inRange("config.diffusion.output.channels", channels, 1, 2048);
  }
}
