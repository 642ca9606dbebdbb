/**
 * Noise schedules, and paths through their levels. Everything is computed in double; a level
 * carries its own alpha and sigma, so nothing above this room looks into a table.
 */
package ijdiffusion.schedule;
