package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import ij.ImagePlus;
import ij.gui.OvalRoi;
import ij.gui.Overlay;
import ij.gui.Roi;
import ij.gui.TextRoi;
import ij.process.ImageProcessor;
import ijdiffusion.DiffusionException;
import ijdiffusion.image.Provenance;
import ijdiffusion.tensor.LowPassFilter;
import ijdiffusion.tensor.Resampler;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The record as JSON and as words, its numbers, and marks on results. */
class ProvenanceCommandTest {
  @TempDir Path folder;

  private static Provenance record(ImagePlus image) {
    return Provenance.of(image).orElseThrow();
  }

  private static ImagePlus field() {
    ImagePlus image = InpaintCommandTest.image("8");
    image.setTitle("a \"field\" \u00b5m.tif");
    return image;
  }

  @Test
  void jsonHoldsTheWholeRecord() throws IOException {
    ImagePlus once =
        InpaintCommandTest.result(field(), "model=nuclei steps=2 jump=1 resamplings=1");
    once.setRoi(new OvalRoi(30, 30, 20, 20));
    ImagePlus made = InpaintCommandTest.result(once, "model=gauss steps=3 samples=2 seed=-9");
    Path file = folder.resolve("r.json");
    DiffusionCommand command =
        Runs.command(ProvenanceCommand.LABEL, made, "show=nothing json=[" + file + "]");
    command.run();
    assertEquals(List.of(), command.results());
    JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    assertEquals("diffusion-provenance", json.get("format").getAsString());
    assertEquals(2, json.getAsJsonArray("runs").size());
    JsonObject first = json.getAsJsonArray("runs").get(0).getAsJsonObject();
    assertEquals("a \"field\" \u00b5m.tif", first.get("source").getAsString());
    JsonObject run = json.getAsJsonArray("runs").get(1).getAsJsonObject();
    assertEquals(record(made), ProvenanceJson.read(file));
    assertEquals(-9, run.get("seed").getAsJsonPrimitive().getAsNumber().intValue());
    assertTrue(run.get("seed").getAsJsonPrimitive().isNumber());
    assertTrue(run.get("seconds").getAsJsonPrimitive().isNumber());
    assertEquals("3", run.getAsJsonObject("parameters").get("steps").getAsString());
    assertEquals(2, run.getAsJsonArray("seeds").size());
    JsonObject second = run.getAsJsonArray("seeds").get(1).getAsJsonObject();
    assertEquals(1, second.get("stream").getAsInt());
    for (String key :
        List.of(
            "command",
            "options",
            "version",
            "build",
            "imagej",
            "java",
            "system",
            "date",
            "model",
            "model_version",
            "model_sha256",
            "model_licence",
            "model_citation_1",
            "source",
            "source_size",
            "source_planes",
            "source_sha256",
            "selection",
            "method",
            "sampler",
            "seed",
            "samples",
            "provider",
            "runtime",
            "threads",
            "network_calls",
            "seconds",
            "limits",
            "range",
            "result_sha256",
            "sd_mean",
            "sd_largest")) {
      assertTrue(run.has(key), key);
    }
    assertEquals("CPU", run.get("provider").getAsString());
    assertTrue(run.get("java").getAsString().contains("" + Runtime.version().feature()));
  }

  @Test
  void theMethodsTextNamesWhatAReaderNeeds() {
    ImagePlus image = field();
    ImagePlus made =
        InpaintCommandTest.result(
            image, "model=nuclei steps=2 jump=1 resamplings=1 eta=0.5 samples=2");
    String text = MethodsText.of(record(made));
    Provenance r = record(made);
    for (String part :
        List.of(
            "\"a \"field\" \u00b5m.tif\" were replaced by pixels that a diffusion model drew",
            r.get("pixels_invented") + " pixels in each plane",
            "RePaint (Lugmayr et al. 2022, arXiv:2201.09865), sampler ddim",
            "Diffusion for ImageJ " + Version.current(),
            "ImageJ " + ij.ImageJ.VERSION,
            r.get("runtime") + " on CPU",
            "\"Fluorescence nuclei (64 px)\", version 2.0.0",
            r.get("model_sha256"),
            "licence CC0-1.0",
            r.get("options"),
            "Seed: 1.",
            "Standard deviation of 2 samples",
            r.get("source_sha256"),
            "invented, not measured",
            "- Lugmayr A. et al.: RePaint",
            "- Song J., Meng C., Ermon S.: Denoising diffusion implicit models",
            "- Ho J., Jain A., Abbeel P.",
            "- Caicedo J. C. et al.")) {
      assertTrue(text.contains(part), part + " is missing in " + text);
    }
    // the model cites DDPM, and so does the sampler
    String ddpm =
        MethodsText.of(
            record(InpaintCommandTest.result(image, "model=nuclei steps=2 jump=1 resamplings=1")));
    assertEquals(1, ddpm.split("- Ho J., Jain A.", -1).length - 1, ddpm);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Diffusion Edit...|model=gauss steps=3|SDEdit",
        "Diffusion Edit...|model=gauss steps=3 consistency=4|Come-closer-diffuse-faster",
        "Diffusion Edit...|model=gauss steps=3 sampler=unipc|UniPC",
        "Diffusion Guide...|model=gauss steps=2 factor=4|ILVR",
        "Diffusion Guide...|model=gauss steps=2 factor=4 sampler=heun|Elucidating the design",
        "Diffusion Upscale...|model=cond-inside steps=2|Image super-resolution via iterative",
        "Diffusion Denoise...|model=gauss|Tweedie",
        "Diffusion Generate...|model=gauss steps=2 width=16 height=16|DPM-Solver++",
        "Diffusion Encode...|model=gauss steps=2|Denoising diffusion implicit models",
      })
  void everyMethodIsCited(String label, String options, String title) {
    ImagePlus made = Runs.result(label, Runs.stack(40, 36, 8, 1, 1, 1), options);
    String text = MethodsText.of(record(made));
    String references = text.substring(text.indexOf("References"));
    assertTrue(references.contains(title), text);
    assertTrue(!text.contains("not recorded") && !text.contains("unknown"), text);
  }

  @Test
  void withoutARecordThereIsOneSentence() {
    DiffusionException e =
        assertThrows(
            DiffusionException.class,
            () -> Runs.command(ProvenanceCommand.LABEL, field(), "").run());
    assertTrue(e.getMessage().contains("was not made by Diffusion for ImageJ"), e.getMessage());
    ImagePlus made = Runs.result(EditCommand.LABEL, field(), "model=gauss strength=0");
    Path nowhere = folder.resolve("none").resolve("a.json");
    e =
        assertThrows(
            DiffusionException.class,
            () -> Runs.command(ProvenanceCommand.LABEL, made, "json=" + nowhere).run());
    assertTrue(e.getMessage().contains("could not be written"), e.getMessage());
    assertEquals(1, Main.execute("provenance", folder.resolve("no.tif").toString()));
    String out = folder.resolve("a.tif").toString();
    assertEquals(1, Main.execute("run", ProvenanceCommand.LABEL, "--out", out));
  }

  @Test
  void theSpreadIsThatOfTheStatistics() {
    ImagePlus image = InpaintCommandTest.image("16");
    List<ImagePlus> made =
        InpaintCommandTest.run(image, "model=gauss steps=4 jump=2 resamplings=1 samples=4 overlay");
    ImageProcessor sd = made.get(0).getStack().getProcessor(2);
    double sum = 0;
    double largest = 0;
    int n = 0;
    for (int i = 0; i < sd.getPixelCount(); i++) {
      boolean inside = InpaintCommandTest.HOLE.contains(i % 128, i / 128);
      n += inside ? 1 : 0;
      sum += inside ? sd.getf(i) : 0;
      largest = Math.max(largest, sd.getf(i));
    }
    Provenance record = record(made.get(1));
    assertEquals(sum / n, Double.parseDouble(record.get("sd_mean")), 1e-3 * sum / n);
    assertEquals(largest, Double.parseDouble(record.get("sd_largest")), 1e-3 * largest);
    TextRoi legend = (TextRoi) made.get(1).getOverlay().get(2);
    assertTrue(legend.getText().contains("SD of 4 samples (grey values):"), legend.getText());
    assertTrue(legend.getText().contains("mean " + record.get("sd_mean")), legend.getText());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Inpaint", "Edit", "Denoise", "Upscale", "Guide"})
  void marksShowWhatMayDifferAndChangeNothing(String name) {
    String label = "Diffusion " + name + "...";
    String options =
        switch (name) {
          case "Inpaint" -> "model=gauss steps=3 jump=1 resamplings=1 grow=1";
          case "Upscale" -> "model=cond-inside steps=2";
          case "Guide" -> "model=gauss steps=2 factor=4";
          case "Edit" -> "model=gauss steps=3 strength=1";
          default -> "model=gauss";
        };
    ImagePlus image = Runs.stack(60, 48, 8, 1, 3, 1);
    image.setRoi(new OvalRoi(20, 14, 24, 20));
    image.setOverlay(new Overlay(new Roi(1, 1, 5, 5)));
    ImagePlus plain = Runs.result(label, image, options + " planes=all");
    ImagePlus marked = Runs.result(label, image, options + " planes=all overlay");
    Runs.assertSamePixels(plain, marked);
    assertEquals(1, plain.getOverlay().size());
    boolean everything = name.equals("Upscale") || name.equals("Guide");
    assertEquals(everything ? 3 : 4, marked.getOverlay().size());
    Roi region = marked.getOverlay().get(1);
    assertEquals("invented (diffusion)" + (everything ? " frame" : ""), region.getName());
    assertEquals(0, region.getPosition());
    if (everything) {
      assertEquals(marked.getWidth(), region.getBounds().width);
      return;
    }
    int changed = 0;
    for (int z = 1; z <= 3; z++) {
      for (int i = 0; i < 60 * 48; i++) {
        boolean same =
            image.getStack().getProcessor(z).get(i) == marked.getStack().getProcessor(z).get(i);
        assertTrue(same || region.contains(i % 60, i / 60));
        changed += same ? 0 : 1;
      }
    }
    int inside = 3 * region.getContainedPoints().length;
    assertTrue(changed > 0.5 * inside, changed + " of " + inside);
  }

  @Test
  void inPlaceOnlyThePlaneIsMarked() {
    ImagePlus image = Runs.stack(60, 48, 8, 1, 3, 1);
    image.setSlice(2);
    image.setRoi(new OvalRoi(20, 14, 24, 20));
    Runs.result(InpaintCommand.LABEL, image, "model=gauss steps=3 jump=1 in_place overlay");
    for (Roi roi : image.getOverlay()) {
      assertEquals(2, roi.getPosition());
    }
  }

  private static Tensor tensor(ImageProcessor ip) {
    Tensor out = new Tensor(new Shape(1, 1, ip.getHeight(), ip.getWidth()));
    for (int i = 0; i < ip.getPixelCount(); i++) {
      out.data()[i] = ip.getf(i);
    }
    return out;
  }

  private static void assertResidual(Tensor a, Tensor b, ImagePlus made, int sample) {
    double squares = 0;
    double largest = 0;
    for (int i = 0; i < a.data().length; i++) {
      double d = a.data()[i] - b.data()[i];
      squares += d * d;
      largest = Math.max(largest, Math.abs(d));
    }
    double rms = Math.sqrt(squares / a.data().length);
    String[] stated = record(made).get("residual_rms").split(", ");
    String[] most = record(made).get("residual_largest").split(", ");
    assertEquals(made.getStackSize(), stated.length);
    assertEquals(rms, Double.parseDouble(stated[sample]), 1e-3 * rms);
    assertEquals(largest, Double.parseDouble(most[sample]), 1e-3 * largest);
    assertTrue(rms > 0);
  }

  /** 32-bit results are not rounded, so that the residual can be had from them. */
  @Test
  void theResidualOfUpscaleIsThatOfTheShrunkenResult() {
    ImagePlus image = new ImagePlus("im", Runs.plane(64, 64, 32, 5));
    ImagePlus made =
        Runs.result(UpscaleCommand.LABEL, image, "model=cond-inside steps=3 samples=2");
    Resampler down = Resampler.bicubic(128, 128, 64, 64);
    for (int k = 0; k < 2; k++) {
      Tensor small = down.apply(tensor(made.getStack().getProcessor(k + 1)));
      assertResidual(small, tensor(image.getProcessor()), made, k);
    }
  }

  @Test
  void theResidualOfGuideAndOfConsistentEditIsThatOfTheCoarsePart() {
    ImagePlus image = new ImagePlus("im", Runs.plane(64, 64, 32, 5));
    LowPassFilter phi = LowPassFilter.bicubic(64, 64, 4);
    for (String run :
        List.of(
            "Diffusion Guide...|model=gauss steps=3 factor=4 percentiles=0-100 samples=2",
            "Diffusion Edit...|model=gauss steps=4 consistency=4 percentiles=0-100 samples=2")) {
      String[] parts = run.split("\\|");
      ImagePlus made = Runs.result(parts[0], image, parts[1]);
      Tensor y = new Tensor(new Shape(1, 1, 64, 64));
      phi.apply(tensor(image.getProcessor()), y);
      for (int k = 0; k < 2; k++) {
        Tensor x = new Tensor(new Shape(1, 1, 64, 64));
        phi.apply(tensor(made.getStack().getProcessor(k + 1)), x);
        assertResidual(x, y, made, k);
      }
    }
  }
}
