/** The packaged jars in ImageJ processes of their own, with real windows where it takes windows. */
package ijdiffusion.it;
