package ijdiffusion.image;

import ij.CompositeImage;
import ij.ImagePlus;
import ij.ImageStack;
import ij.VirtualStack;
import ij.gui.OvalRoi;
import ij.gui.Overlay;
import ij.gui.Roi;
import ij.io.FileSaver;
import ij.measure.Calibration;
import ij.plugin.RoiScaler;
import ij.process.ImageProcessor;
import ij.process.LUT;
import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The result of a run over planes of an image, put together plane by plane: in memory, or in a
 * folder with one TIFF file a plane, which becomes a virtual stack. It keeps what the image had:
 * calibration, hyperstack dimensions, channel colours, display ranges, slice labels, overlay,
 * selection, properties and Info.
 *
 * <p>Several copies of the planes, which are samples of them, follow one another as frames.
 */
public final class ResultStack {
  private final ImagePlus source;
  private final PlaneScope scope;
  private final List<Integer> slices;
  private final int parts;
  private final int copies;
  private final Shape shape;
  private final Optional<Path> folder;
  private ImageProcessor[] planes;
  private String[] labels;
  private int width;
  private int height;
  private int bitDepth;

  /**
   * How the result's frame differs from the source's.
   *
   * @param factor how many times as wide and high it is, at least 1
   * @param border pixels that were put at each side before
   */
  public record Shape(int factor, int border) {
    boolean isSame() {
      return factor == 1 && border == 0;
    }
  }

  /**
   * @param source the user's image
   * @param scope its planes worked on
   * @param parts planes made of each, as the three colours of RGB; usually 1
   * @param copies how often, at least 1
   * @param shape how its frame differs
   * @param folder where to write the planes; an existing folder without files, or a new one
   */
  public ResultStack(
      ImagePlus source,
      PlaneScope scope,
      int parts,
      int copies,
      Shape shape,
      Optional<Path> folder) {
    this.source = source;
    this.scope = scope;
    this.slices = scope.slices();
    this.parts = parts;
    this.copies = copies;
    this.shape = shape;
    this.folder = folder;
    int n = Math.multiplyExact(Math.multiplyExact(parts, slices.size()), copies);
    this.labels = new String[n];
    if (folder.isPresent()) {
      prepare(folder.get());
    } else {
      this.planes = new ImageProcessor[n];
    }
  }

  private static void prepare(Path folder) {
    try {
      Files.createDirectories(folder);
      try (var files = Files.list(folder)) {
        if (files.findAny().isPresent()) {
          throw new DiffusionException(
              "folder is \"" + folder + "\", which holds files already; give an empty or new one.");
        }
      }
    } catch (IOException e) {
      throw new DiffusionException(
          "folder is \"" + folder + "\", which cannot be made or read: " + e.getMessage() + ".", e);
    }
  }

  /**
   * Puts a plane where it belongs.
   *
   * @param slice stack index in the source, one of the scope
   * @param part from 0
   * @param copy from 0
   * @param ip the pixels; kept
   * @param note what is special about it, or null; follows the slice's own label
   */
  public void put(int slice, int part, int copy, ImageProcessor ip, String note) {
    int index = part + parts * ((slice - slices.get(0)) + slices.size() * copy);
    String label = source.hasImageStack() ? source.getStack().getSliceLabel(slice) : null;
    if (label == null && source.getStackSize() == 1) {
      label = source.getProp("Slice_Label");
    }
    labels[index] =
        label == null || note == null ? (note == null ? label : note) : label + ", " + note;
    width = ip.getWidth();
    height = ip.getHeight();
    bitDepth = ip.getBitDepth();
    if (folder.isEmpty()) {
      planes[index] = ip;
      return;
    }
    ImageStack one = new ImageStack(width, height);
    one.addSlice(labels[index], ip);
    Path file = folder.get().resolve(name(index));
    if (!new FileSaver(new ImagePlus(name(index), one)).saveAsTiff(file.toString())) {
      throw new DiffusionException("\"" + file + "\" could not be written; is the disk full?");
    }
  }

  /** Takes back what was written to the folder, after a run that failed or was cancelled. */
  public void discard() {
    if (folder.isEmpty()) {
      return;
    }
    for (int i = 0; i < labels.length; i++) {
      try {
        Files.deleteIfExists(folder.get().resolve(name(i)));
      } catch (IOException e) {
        throw new DiffusionException(
            "\"" + folder.get() + "\" holds planes of a run that did not end; delete them.", e);
      }
    }
  }

  private static String name(int index) {
    return String.format("%06d.tif", index + 1);
  }

  /**
   * The image, with colours and display ranges of the source.
   *
   * @param title its title
   */
  public ImagePlus image(String title) {
    ImagePlus out = assembled(title);
    if (out.getBitDepth() == source.getBitDepth() && source.getType() != ImagePlus.COLOR_RGB) {
      out = coloured(out);
    }
    return out;
  }

  /**
   * The image as derived values: grey values, without colours and display ranges of the source.
   *
   * @param title its title
   */
  public ImagePlus derived(String title) {
    ImagePlus out = assembled(title);
    // grey values are those of the source, without its calibration function
    out.getCalibration().disableDensityCalibration();
    out.resetDisplayRange();
    return out;
  }

  private ImagePlus assembled(String title) {
    ImageStack stack;
    if (folder.isPresent()) {
      VirtualStack files = new LabelledFiles(width, height, folder.get(), labels);
      files.setBitDepth(bitDepth);
      for (int i = 0; i < labels.length; i++) {
        files.addSlice(name(i));
      }
      stack = files;
    } else {
      stack = new ImageStack(width, height);
      for (int i = 0; i < planes.length; i++) {
        stack.addSlice(labels[i], planes[i]);
      }
    }
    ImagePlus out = new ImagePlus(title, stack);
    out.setProperties(source.getPropertiesAsArray());
    if (source.getInfoProperty() != null) {
      out.setProperty("Info", source.getInfoProperty());
    }
    if (labels.length == 1 && labels[0] != null) {
      out.setProp("Slice_Label", labels[0]);
    }
    int channels = channels() * parts;
    if (scope.isWhole()) {
      out.setDimensions(channels, source.getNSlices(), source.getNFrames() * copies);
    } else {
      out.setDimensions(channels, slices.size() / channels(), copies);
    }
    boolean samples = copies > 1 && labels.length > copies;
    out.setOpenAsHyperStack(scope.isWhole() && source.isHyperStack() || channels > 1 || samples);
    out.setCalibration(calibration());
    Roi roi = source.getRoi();
    if (roi != null) {
      out.setRoi(moved(roi));
    }
    Overlay overlay = source.getOverlay();
    if (overlay != null) {
      out.setOverlay(overlay(overlay, out));
      out.setHideOverlay(source.getHideOverlay());
    }
    return out;
  }

  private Calibration calibration() {
    Calibration c = source.getCalibration().copy();
    c.pixelWidth /= shape.factor;
    c.pixelHeight /= shape.factor;
    c.xOrigin = (c.xOrigin + shape.border) * shape.factor;
    c.yOrigin = (c.yOrigin + shape.border) * shape.factor;
    return c;
  }

  /** Channels of the source that the result has side by side; 1 where it has parts of them. */
  private int channels() {
    int own = source.getNChannels();
    return (slices.get(0) - 1) % own == 0 && slices.size() % own == 0 ? own : 1;
  }

  private Overlay overlay(Overlay from, ImagePlus out) {
    Overlay overlay = from.create();
    boolean samePositions = scope.isWhole() && copies == 1 && parts == 1;
    for (Roi roi : from) {
      List<Integer> shown =
          IntStream.range(0, labels.length)
              .filter(i -> isShownOn(roi, slices.get(i / parts % slices.size())))
              .boxed()
              .toList();
      if (samePositions || shown.size() == labels.length) {
        Roi one = moved(roi);
        if (!samePositions) {
          one.setPosition(0);
        }
        overlay.add(one);
        continue;
      }
      for (int i : shown) {
        Roi one = moved(roi);
        if (out.isHyperStack()) {
          int[] p = out.convertIndexToPosition(i + 1);
          one.setPosition(p[0], p[1], p[2]);
        } else {
          one.setPosition(i + 1);
        }
        overlay.add(one);
      }
    }
    return overlay;
  }

  private boolean isShownOn(Roi roi, int slice) {
    if (!roi.hasHyperStackPosition()) {
      return roi.getPosition() == 0 || roi.getPosition() == slice;
    }
    int[] p = source.convertIndexToPosition(slice);
    return (roi.getCPosition() == 0 || roi.getCPosition() == p[0])
        && (roi.getZPosition() == 0 || roi.getZPosition() == p[1])
        && (roi.getTPosition() == 0 || roi.getTPosition() == p[2]);
  }

  /** A copy at the same place of the picture. */
  private Roi moved(Roi roi) {
    Roi out = (Roi) roi.clone();
    if (shape.isSame()) {
      return out;
    }
    if (shape.border > 0) {
      out.setLocation(out.getXBase() + shape.border, out.getYBase() + shape.border);
    }
    if (shape.factor > 1) {
      out = enlarged(out, shape.factor);
    }
    if (roi.hasHyperStackPosition()) {
      out.setPosition(roi.getCPosition(), roi.getZPosition(), roi.getTPosition());
    } else {
      out.setPosition(roi.getPosition());
    }
    return out;
  }

  /** ImageJ's own scaling turns rectangles and ovals into polygons. */
  private static Roi enlarged(Roi roi, int factor) {
    boolean oval = roi.getClass() == OvalRoi.class;
    if (!oval && roi.getClass() != Roi.class) {
      return RoiScaler.scale(roi, factor, factor, false);
    }
    double x = roi.getXBase() * factor;
    double y = roi.getYBase() * factor;
    double width = roi.getFloatWidth() * factor;
    double height = roi.getFloatHeight() * factor;
    Roi out = oval ? new OvalRoi(x, y, width, height) : new Roi(x, y, width, height);
    out.copyAttributes(roi);
    out.setCornerDiameter(roi.getCornerDiameter() * factor);
    if (roi.getStrokeWidth() != 0) {
      out.setStrokeWidth(roi.getStrokeWidth() * factor);
    }
    return out;
  }

  /** Colour tables and display ranges. */
  private ImagePlus coloured(ImagePlus out) {
    if (!(source instanceof CompositeImage from)) {
      LUT lut = source.getProcessor().getLut();
      out.setLut(lut);
      out.setDisplayRange(source.getDisplayRangeMin(), source.getDisplayRangeMax());
      return out;
    }
    int channels = source.getNChannels();
    int first = (slices.get(0) - 1) % channels;
    if (scope.isWhole() || channels > 1 && channels() == channels) {
      CompositeImage to = new CompositeImage(out, from.getMode());
      for (int c = 1; c <= channels; c++) {
        LUT lut = from.getChannelLut(c);
        to.setChannelLut(lut, c);
        to.setPosition(c, 1, 1);
        to.setDisplayRange(lut.min, lut.max);
      }
      to.setPosition(1, 1, 1);
      System.arraycopy(from.getActiveChannels(), 0, to.getActiveChannels(), 0, channels);
      keep(out, to);
      return to;
    }
    LUT lut = from.getChannelLut(first + 1);
    out.setLut(lut);
    out.setDisplayRange(lut.min, lut.max);
    return out;
  }

  /** What a composite image does not take over from the image it is made of. */
  private static void keep(ImagePlus from, ImagePlus to) {
    to.setProperties(from.getPropertiesAsArray());
    if (from.getInfoProperty() != null) {
      to.setProperty("Info", from.getInfoProperty());
    }
    to.setRoi(from.getRoi());
    to.setOverlay(from.getOverlay());
    to.setHideOverlay(from.getHideOverlay());
    to.setOpenAsHyperStack(true);
    to.setCalibration(from.getCalibration());
  }

  /** Planes in files, with their labels; ImageJ's own stack knows them only once it has read. */
  private static final class LabelledFiles extends VirtualStack {
    private final String[] labels;

    LabelledFiles(int width, int height, Path folder, String[] labels) {
      super(width, height, null, folder.toAbsolutePath().toString());
      this.labels = labels;
    }

    @Override
    public String getSliceLabel(int n) {
      return labels[n - 1];
    }

    @Override
    public void setSliceLabel(String label, int n) {
      labels[n - 1] = label;
    }
  }
}
