package ijdiffusion.model;

import ijdiffusion.DiffusionException;
import ijdiffusion.tensor.Window;

/**
 * How a state is cut into overlapping windows. Windows stand on a grid of {@code tile - overlap}
 * pixels; the last of each row and column is shifted inward to end with the state. All are of one
 * size, lie inside the state and begin at multiples of {@code multiple}, so that strided
 * convolutions see every pixel in the same phase whichever window it is in.
 *
 * <p>Each window has a weight at each of its pixels; the weights of a pixel sum to 1. Within {@code
 * guard} pixels of an end that is not the state's own edge the weight is 0, so what a network says
 * there, where it does not see all it should, is never used: a network that looks no farther than
 * {@code guard} pixels gives the same values with tiles as without.
 *
 * @param width columns of the state, a multiple of {@code multiple}
 * @param height rows of the state, a multiple of {@code multiple}
 * @param tile columns of a window, a multiple of {@code multiple}; cut to the state where that is
 *     smaller
 * @param tileHeight its rows, likewise
 * @param overlap pixels that neighbouring windows share at least, a multiple of {@code multiple}
 *     below {@code tile} and {@code tileHeight}; 0 for windows that only touch
 * @param guard pixels at the inner ends of a window that do not count, from 0 to {@code overlap} /
 *     2
 * @param multiple what the network's image sides must be a multiple of, at least 1
 */
public record Tiling(
    int width, int height, int tile, int tileHeight, int overlap, int guard, int multiple) {
  /** Side of a window chosen automatically, in pixels. */
  public static final int TILE = 256;

  /** Overlap chosen automatically, in pixels. */
  public static final int OVERLAP = 48;

  /** States of up to so many pixels are not cut unless memory is short. */
  private static final int WHOLE = 512 * 512;

  public Tiling {
    if (multiple < 1) {
      throw new IllegalArgumentException("multiple is " + multiple + ", but must be at least 1");
    }
    if (width < 1 || height < 1 || width % multiple != 0 || height % multiple != 0) {
      throw new IllegalArgumentException(
          "A state of "
              + width
              + " x "
              + height
              + " pixels: both sides must be multiples of "
              + multiple);
    }
    inSteps("tile", tile, multiple, multiple, Integer.MAX_VALUE / multiple * multiple);
    inSteps("tile height", tileHeight, multiple, multiple, Integer.MAX_VALUE / multiple * multiple);
    inSteps("overlap", overlap, multiple, 0, Math.min(tile, tileHeight) - multiple);
    DiffusionException.inRange("guard", guard, 0, overlap / 2);
  }

  /**
   * With square windows.
   *
   * @param width columns of the state
   * @param height rows of the state
   * @param tile side of a window
   * @param overlap pixels that neighbouring windows share
   * @param guard pixels at the inner ends of a window that do not count
   * @param multiple what the network's image sides must be a multiple of
   */
  public Tiling(int width, int height, int tile, int overlap, int guard, int multiple) {
    this(width, height, tile, tile, overlap, guard, multiple);
  }

  private static void inSteps(String name, int value, int step, int min, int max) {
    if (value < min || value > max || value % step != 0) {
      throw new DiffusionException(
          name
              + " is "
              + value
              + ", but must be from "
              + min
              + " to "
              + max
              + (step == 1 ? "." : " and a multiple of " + step + "."));
    }
  }

  /**
   * With the guard that goes with an overlap, a quarter of it.
   *
   * @param width columns of the state
   * @param height rows of the state
   * @param tile side of a window
   * @param overlap pixels that neighbouring windows share
   * @param multiple what the network's image sides must be a multiple of
   */
  public static Tiling of(int width, int height, int tile, int overlap, int multiple) {
    return new Tiling(width, height, tile, overlap, overlap / 4, multiple);
  }

  /**
   * Chosen for speed without seams: the whole state as one window where {@code maxPixels} allows,
   * else windows of at most {@link #TILE} pixels a side.
   *
   * @param width columns of the state
   * @param height rows of the state
   * @param multiple what the network's image sides must be a multiple of
   * @param maxPixels pixels that the network's memory allows in one window; a window of 2 {@code
   *     multiple} a side is taken even where that is less
   */
  public static Tiling automatic(int width, int height, int multiple, long maxPixels) {
    long whole = (long) width * height;
    if (whole <= Math.min(maxPixels, WHOLE)) {
      return new Tiling(width, height, roundUp(Math.max(width, height), multiple), 0, 0, multiple);
    }
    int side = (int) Math.min(TILE, Math.sqrt(Math.max(0, maxPixels)));
    return ofTile(width, height, Math.max(2, side / multiple) * multiple, multiple);
  }

  /**
   * With the overlap that goes with a tile: {@link #OVERLAP} pixels, but at most half of the tile,
   * and its guard.
   *
   * @param width columns of the state
   * @param height rows of the state
   * @param tile side of a window
   * @param multiple what the network's image sides must be a multiple of
   */
  public static Tiling ofTile(int width, int height, int tile, int multiple) {
    int overlap = Math.min(roundUp(OVERLAP, multiple), tile / 2 / multiple * multiple);
    return of(width, height, tile, overlap, multiple);
  }

  private static int roundUp(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  /** Number of windows. */
  public int tiles() {
    return TileAxis.count(width, tile, overlap) * TileAxis.count(height, tileHeight, overlap);
  }

  /**
   * A window; row by row, from left to right.
   *
   * @param index from 0 to {@link #tiles} - 1
   */
  public Window window(int index) {
    if (index < 0 || index >= tiles()) {
      throw new IllegalArgumentException("Window " + index + " of " + tiles());
    }
    int across = TileAxis.count(width, tile, overlap);
    int w = Math.min(tile, width);
    int h = Math.min(tileHeight, height);
    return new Window(
        Math.min(index % across * (tile - overlap), width - w),
        Math.min(index / across * (tileHeight - overlap), height - h),
        w,
        h);
  }

  /** Pixels that go through the network when the whole state does once. */
  public long pixels() {
    return (long) tiles() * Math.min(tile, width) * Math.min(tileHeight, height);
  }

  /** For people, for instance {@code 9 tiles of 256 x 256 pixels, overlap 48}. */
  public String describe() {
    if (tiles() == 1) {
      return "1 tile of " + width + " x " + height + " pixels";
    }
    return tiles()
        + " tiles of "
        + Math.min(tile, width)
        + " x "
        + Math.min(tileHeight, height)
        + " pixels, overlap "
        + overlap;
  }

  TileAxis columns() {
    return new TileAxis(width, tile, overlap, guard);
  }

  TileAxis rows() {
    return new TileAxis(height, tileHeight, overlap, guard);
  }
}
