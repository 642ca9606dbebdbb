package ijdiffusion.command;

import ij.IJ;
import ij.ImagePlus;
import ij.gui.Roi;
import ij.io.FileSaver;
import ij.io.Opener;
import ij.io.RoiDecoder;
import ijdiffusion.DiffusionException;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.Provenance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A command on files: opens, runs and saves, without windows. */
final class FileRun {
  private FileRun() {}

  /**
   * Runs a command on an image file.
   *
   * @param label the command
   * @param in image to work on, or null for a command that needs none
   * @param mask mask image, or null
   * @param roi selection file, or null; a selection stored in the image is used when both are null
   * @param out result file; further images of the result go beside it, with their titles' endings
   * @param options macro options
   * @param json whether to write the record beside the result, with the ending {@code .json}
   */
  static void run(
      String label, Path in, Path mask, Path roi, Path out, String options, boolean json) {
    DiffusionCommand command = command(label, options);
    if (mask != null && roi != null) {
      throw new DiffusionException("Both --mask and --roi are given; give one.");
    }
    checkWritable(out);
    if (in == null && command.needsImage()) {
      throw new DiffusionException(label + " needs an image; give one with --in.");
    }
    ImagePlus image = in == null ? null : open(in);
    if (image == null && (mask != null || roi != null)) {
      throw new DiffusionException("A selection is given, but no image; give one with --in.");
    }
    if (mask != null) {
      image.setRoi(FillMask.roiOfMask(open(mask), image.getWidth(), image.getHeight()));
    } else if (roi != null) {
      image.setRoi(openRoi(roi));
    }
    if (image != null) {
      checkHolds(out, image.getBitDepth(), 1); // before minutes are spent
    }
    command.setImage(image);
    command.setProgress(Progress.warningsOnly());
    command.run();
    List<ImagePlus> results = command.results();
    save(results.get(results.size() - 1), out);
    if (json) {
      ImagePlus result = results.get(results.size() - 1);
      ProvenanceJson.save(
          out.getFileName().toString(), Provenance.all(result), withEnding(out, ".json"));
    }
    for (ImagePlus more : results.subList(0, results.size() - 1)) {
      String title = more.getTitle();
      // derived images are 32-bit stacks, which only TIFF keeps
      save(more, withEnding(out, title.substring(title.lastIndexOf('-')) + ".tif"));
    }
  }

  /** The command of a label, which makes an image, with its settings. */
  static DiffusionCommand command(String label, String options) {
    DiffusionCommand command = Commands.create(label);
    if (command instanceof ProvenanceCommand) {
      throw new DiffusionException(
          label + " makes no image to save; use the subcommand provenance instead.");
    }
    Parameters.apply(command, options);
    return command;
  }

  private static Path withEnding(Path out, String ending) {
    String name = out.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return out.resolveSibling((dot > 0 ? name.substring(0, dot) : name) + ending);
  }

  /** Opens an image, without any dialog. */
  static ImagePlus open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new DiffusionException("There is no file \"" + file + "\"; check the path.");
    }
    Opener opener = new Opener();
    opener.setSilentMode(true);
    IJ.redirectErrorMessages(true);
    ImagePlus image;
    try {
      image = opener.openImage(file.toAbsolutePath().toString());
    } finally {
      IJ.redirectErrorMessages(false);
    }
    if (image == null) {
      throw new DiffusionException(
          "\"" + file + "\" is not an image ImageJ can open; convert it to TIFF or PNG.");
    }
    return image;
  }

  private static Roi openRoi(Path file) {
    Roi roi = Files.isRegularFile(file) ? RoiDecoder.open(file.toAbsolutePath().toString()) : null;
    if (roi == null) {
      throw new DiffusionException(
          "\"" + file + "\" is not an ImageJ selection; save one with File > Save As > Selection.");
    }
    return roi;
  }

  private static void checkWritable(Path out) {
    Path parent = out.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new DiffusionException(
          "There is no folder \"" + parent + "\" to save \"" + out + "\" in.");
    }
    String extension = extension(out);
    if (!List.of("tif", "tiff", "png", "jpg", "jpeg", "bmp", "gif").contains(extension)) {
      throw new DiffusionException(
          "\"" + out + "\" has no ending to save an image by; use .tif, .png, .jpg, .bmp or .gif.");
    }
  }

  private static void checkHolds(Path file, int bitDepth, int planes) {
    boolean deep = bitDepth == 16 || bitDepth == 32;
    if (!extension(file).startsWith("tif") && (deep || planes > 1)) {
      throw new DiffusionException(
          "\""
              + file
              + "\" cannot hold a "
              + bitDepth
              + "-bit image of "
              + planes
              + (planes == 1 ? " plane" : " planes")
              + "; save as .tif.");
    }
  }

  private static String extension(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  /** Saves by the file's ending; only TIFF keeps stacks, 16 and 32 bits, calibration and Info. */
  static void save(ImagePlus image, Path file) {
    String path = file.toAbsolutePath().toString();
    FileSaver saver = new FileSaver(image);
    checkHolds(file, image.getBitDepth(), image.getStackSize());
    boolean saved =
        switch (extension(file)) {
          case "png" -> saver.saveAsPng(path);
          case "jpg", "jpeg" -> saver.saveAsJpeg(path);
          case "bmp" -> saver.saveAsBmp(path);
          case "gif" -> saver.saveAsGif(path);
          default ->
              image.getStackSize() > 1 ? saver.saveAsTiffStack(path) : saver.saveAsTiff(path);
        };
    if (!saved) {
      throw new DiffusionException("\"" + file + "\" could not be written; check the folder.");
    }
  }
}
