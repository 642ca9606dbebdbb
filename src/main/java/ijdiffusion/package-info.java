/**
 * Diffusion for ImageJ. A <b>noise schedule</b> says how much signal (alpha) and noise (sigma) a
 * level holds: x_t = alpha x_0 + sigma eps. A <b>noise predictor</b> says which noise is in x_t. A
 * <b>sampler</b> steps from one level to the next. Everything else is a way to start, a path
 * through the levels, or a constraint on the state.
 *
 * <p>The rooms, from the ground floor up; each may use those before it only: {@code tensor}, {@code
 * schedule}, {@code model}, {@code card}, {@code onnx}, {@code sampling}, {@code edit} (together
 * the engine, which knows nothing of ImageJ), {@code image} and {@code command}.
 */
package ijdiffusion;
