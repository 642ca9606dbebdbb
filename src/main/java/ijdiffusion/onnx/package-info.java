/**
 * Noise predictors that ONNX Runtime runs, on the CPU or on a CUDA device. The only room that knows
 * {@code ai.onnxruntime}.
 */
package ijdiffusion.onnx;
