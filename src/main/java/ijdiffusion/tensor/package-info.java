/** Numbers in memory: float32 images in NCHW order, keyed noise, and windows cut out of images. */
package ijdiffusion.tensor;
