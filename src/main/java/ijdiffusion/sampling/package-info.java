/**
 * Samplers, one record per published algorithm, constraints on the state, and the one loop that
 * runs them along a trajectory.
 */
package ijdiffusion.sampling;
