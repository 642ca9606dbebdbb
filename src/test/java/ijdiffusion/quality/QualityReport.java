package ijdiffusion.quality;

import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Measures the shipped models on images that they were not trained on, with the engine that the
 * commands use, and writes tables, plots and pages of examples:
 *
 * <pre>
 * mvn -P quality verify -Dquality.data=FOLDER
 * </pre>
 */
public final class QualityReport {
  /** Which images a model is measured on. */
  private enum DataSet {
    NUCLEI("nuclei_fluo/heldout"),
    PHOTOS("eval_kodak24");

    final String folder;

    DataSet(String folder) {
      this.folder = folder;
    }
  }

  private record Subject(String model, DataSet data, List<Experiment> experiments) {}

  private static final List<Subject> SUBJECTS =
      List.of(
          new Subject(
              "nuclei",
              DataSet.NUCLEI,
              List.of(
                  new Inpainting(),
                  new NoiseRemoval(),
                  new Unconditional(),
                  new CallsInpaint(),
                  new CallsGuide(),
                  new CallsEdit())),
          new Subject(
              "nuclei-sr4", DataSet.NUCLEI, List.of(new SuperResolution(), new CallsUpscale())),
          new Subject("photos-inpaint", DataSet.PHOTOS, List.of(new Inpainting(), new CallsFill())),
          new Subject(
              "photos",
              DataSet.PHOTOS,
              List.of(
                  new Inpainting(), new NoiseRemoval(), new Unconditional(), new CallsInpaint())),
          new Subject(
              "photos-sr4", DataSet.PHOTOS, List.of(new SuperResolution(), new CallsUpscale())));

  private QualityReport() {}

  /** Runs what the system properties ask for, see {@link Settings}. */
  public static void main(String[] args) throws IOException {
    if (!Settings.hasData()) {
      System.out.println(
          "Quality report skipped: give the folder of the held-out images, -Dquality.data=FOLDER.");
      return;
    }
    Settings settings = Settings.ofProperties();
    ModelCatalogue catalogue = ModelCatalogue.standard(List.of());
    for (Subject subject : SUBJECTS) {
      for (Experiment experiment : subject.experiments()) {
        if (!settings.isAbout(subject.model()) || !settings.wants(experiment)) {
          continue;
        }
        if (!catalogue.names().contains(subject.model())) {
          System.out.println(
              "Quality report, " + experiment.name() + ": there is no model " + subject.model());
          continue;
        }
        run(settings, catalogue.find(subject.model()), subject, experiment);
      }
    }
    System.exit(0); // the threads of ImageJ's filters would keep this program alive
  }

  private static void run(Settings settings, ModelCard card, Subject subject, Experiment experiment)
      throws IOException {
    Path folder = settings.data().resolve(subject.data().folder);
    List<Picture> pictures = Picture.read(folder, card.channels(), settings.images());
    try (OnnxPredictor network = OnnxPredictor.open(card, Device.AUTO, 0)) {
      experiment.run(new Job(settings, subject.model(), network, pictures, System.nanoTime()));
    }
  }
}
