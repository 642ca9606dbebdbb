package ijdiffusion.sampling;

/**
 * Coefficients of a step of the score-SDE family: mean = state x + score grad log p(x), then mean +
 * noise z.
 */
record ScoreStep(double state, double score, double noise) {}
