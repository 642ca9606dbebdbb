/**
 * Editing methods: each chooses a start, a trajectory, a constraint and a predictor, and runs the
 * loop. Images are tensors here; ImageJ is two rooms away.
 */
package ijdiffusion.edit;
