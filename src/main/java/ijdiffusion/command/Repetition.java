package ijdiffusion.command;

import ij.ImagePlus;
import ij.gui.Roi;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.command.Parameters.Setting;
import ijdiffusion.image.PixelHash;
import ijdiffusion.image.Provenance;
import ijdiffusion.image.StoredSelection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A recorded run that is to be run again. On the image it was made of, plane and selection are the
 * recorded ones; on another image the plane shown, and the recorded selection only if it has none
 * of its own. The result is always a new image.
 *
 * @param made the record
 * @param command the command, set up
 * @param target the image to run on, or null for a command that needs none
 * @param isOriginal whether that has the pixels of the record
 */
record Repetition(Provenance made, DiffusionCommand command, ImagePlus target, boolean isOriginal) {
  private static final Pattern PLANES = Pattern.compile("([0-9]{1,9})(?:-([0-9]{1,9}))?");

  /** Fields that say whether two runs were the same, beside the intensity ranges. */
  private static final List<String> COMPARED =
      List.of(
          "version",
          "build",
          "imagej",
          "java",
          "system",
          "model_sha256",
          "model_data_sha256",
          "model_encoder_sha256",
          "model_noise_level_sha256",
          "provider",
          "runtime",
          "source_sha256",
          "reference_sha256",
          "other_sha256",
          "tiles",
          EarlyEnd.KEY);

  /**
   * Sets a recorded run up.
   *
   * @param folder where to write planes, empty for memory
   */
  static Repetition of(Provenance made, ImagePlus target, boolean isOriginal, String folder) {
    DiffusionCommand command = Commands.create(made.get("command"));
    Parameters.apply(command, made.get("options"));
    for (Setting s : Parameters.of(command.getClass())) {
      switch (s.key()) {
        case "folder" -> s.set(command, folder); // the recorded one holds files by now
        case "in_place" -> s.set(command, false);
        case "device" -> {
          // auto might find a GPU here, whose pixels differ
          if (made.find("provider").orElse("").equals("CPU")) {
            s.set(command, "cpu");
          }
        }
        default -> {}
      }
    }
    command.setImage(target);
    return new Repetition(made, command, target, isOriginal);
  }

  /** Whether an image has the pixels that a run worked on. */
  static boolean isSource(ImagePlus image, Provenance made) {
    Optional<String> hash = made.find("source_sha256");
    List<Integer> planes = planes(made);
    return hash.isPresent()
        && made.find("source_size").orElse("").equals(ProvenanceFields.size(image))
        && !planes.isEmpty()
        && planes.get(planes.size() - 1) <= image.getStackSize()
        && hash.get().equals(PixelHash.of(image, planes));
  }

  private static List<Integer> planes(Provenance made) {
    Matcher m = PLANES.matcher(made.find("source_planes").orElse(""));
    if (!m.matches()) {
      return List.of();
    }
    int first = Integer.parseInt(m.group(1));
    int last = m.group(2) == null ? first : Integer.parseInt(m.group(2));
    return IntStream.rangeClosed(first, last).boxed().toList();
  }

  /** What would be run, what differs from the record as far as that is known, and the cost. */
  String describe() {
    List<String> differences = before();
    String on =
        target == null
            ? ""
            : " on \"" + target.getTitle() + "\"" + (isOriginal ? " (the original)" : "");
    return MenuPlugIn.title(made.get("command"))
        + on
        + ": "
        + Parameters.toOptions(command)
        + (differences.isEmpty() ? "" : ". Differs: " + String.join("; ", differences))
        + ". "
        + prepared(command::estimate);
  }

  /** Known without running: software, model, image. */
  private List<String> before() {
    Map<String, String> now = new LinkedHashMap<>();
    now.put("version", Version.current());
    now.put("build", Version.build());
    model()
        .map(ModelCard::weights)
        .ifPresent(
            weights -> {
              now.put("model_sha256", weights.sha256());
              weights.externalDataSha256().ifPresent(hash -> now.put("model_data_sha256", hash));
            });
    List<String> out = new ArrayList<>();
    now.forEach((key, value) -> compare(key, value, out));
    if (!isOriginal) {
      out.add("another image");
    }
    made.find(EarlyEnd.KEY)
        .ifPresent(
            step -> out.add("it was stopped early at step " + step + ", this runs to the end"));
    return out;
  }

  private Optional<ModelCard> model() {
    return Parameters.of(command.getClass()).stream()
        .filter(s -> s.key().equals("model"))
        .map(s -> Models.catalogue().find(s.get(command).toString()))
        .findFirst();
  }

  private void compare(String key, String now, List<String> out) {
    String then = made.find(key).orElse("not recorded");
    if (!then.equals(now)) {
      out.add(key + " was " + then + ", is " + now);
    }
  }

  /**
   * Runs.
   *
   * @return the images of the command; the record of each says what was repeated, and whether the
   *     pixels came out the same
   */
  List<ImagePlus> run(Progress progress) {
    command.setProgress(progress);
    prepared(
        () -> {
          command.run();
          return null;
        });
    List<ImagePlus> images = command.results();
    Provenance now = Provenance.of(images.get(images.size() - 1)).orElseThrow();
    Map<String, String> fields = new LinkedHashMap<>();
    made.find("date").ifPresent(date -> fields.put("repeats_run_of", date));
    fields.put("repeated_on", isOriginal ? "the original" : "another image");
    List<String> differences = differences(now);
    fields.put(
        "repeat_differs", differences.isEmpty() ? "in nothing" : String.join("; ", differences));
    if (isOriginal && made.find("result_sha256").isPresent()) {
      boolean same = made.get("result_sha256").equals(now.get("result_sha256"));
      fields.put("repeat_pixels", same ? "identical" : "different");
    }
    images.forEach(image -> Provenance.amend(image, fields));
    return images;
  }

  private List<String> differences(Provenance now) {
    TreeSet<String> keys = new TreeSet<>();
    made.fields().keySet().stream().filter(k -> k.startsWith("range")).forEach(keys::add);
    now.fields().keySet().stream().filter(k -> k.startsWith("range")).forEach(keys::add);
    List<String> out = new ArrayList<>();
    List<String> all = new ArrayList<>(COMPARED);
    all.addAll(keys);
    for (String key : all) {
      if (made.find(key).isPresent() || now.find(key).isPresent()) {
        compare(key, now.find(key).orElse("not recorded"), out);
      }
    }
    return out;
  }

  /** Does something with plane and selection as they are to be, and puts them back. */
  private <T> T prepared(Supplier<T> what) {
    if (target == null) {
      return what.get();
    }
    Roi own = target.getRoi();
    int shown = target.getCurrentSlice();
    try {
      List<Integer> planes = planes(made);
      if (isOriginal && !planes.isEmpty()) {
        target.setSlice(planes.get(0));
      }
      if (isOriginal || own == null) {
        select(made.find("selection").map(StoredSelection::parse).orElse(null));
      }
      return what.get();
    } finally {
      target.setSlice(shown);
      target.setRoi(own);
    }
  }

  private void select(Roi roi) {
    if (roi == null) {
      target.deleteRoi();
    } else if (roi.getBounds().intersects(0, 0, target.getWidth(), target.getHeight())
        || isOriginal) {
      target.setRoi(roi);
    } else {
      throw new DiffusionException(
          "The recorded selection lies outside \""
              + target.getTitle()
              + "\"; draw one there and run again.");
    }
  }
}
