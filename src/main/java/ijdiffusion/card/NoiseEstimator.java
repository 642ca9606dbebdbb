package ijdiffusion.card;

import ijdiffusion.model.NoiseLevelNetwork;
import ijdiffusion.schedule.BetaFamily;

/**
 * A second network that estimates how much noise a state holds (San-Roman, Nachmani and Wolf 2021,
 * arXiv:2104.02600): float32 (N, C, H, W) to (N) or (N, 1).
 *
 * @param weights its ONNX file
 * @param input name of its input
 * @param output name of its output
 * @param meaning the number that comes out
 * @param family the schedules that the rest of a run is chosen from
 */
public record NoiseEstimator(
    Weights weights,
    String input,
    String output,
    NoiseLevelNetwork.Output meaning,
    BetaFamily family) {}
