/**
 * Between ImageJ and the engine: grey values and the network's range, selections and masks, results
 * that keep what the user's image had, and the record of how they were made.
 */
package ijdiffusion.image;
