/**
 * Noise predictors without a runtime: what a network says about a noisy state, whichever way it was
 * taught to say it. Network conventions end here and in {@code card} and {@code onnx}.
 */
package ijdiffusion.model;
