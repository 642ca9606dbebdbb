package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.gui.OvalRoi;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.image.Provenance;
import ijdiffusion.onnx.FakeCuda;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands on a CUDA device that fails: what the user is told, gets, and finds in the record. */
class DeviceRunsTest {
  @TempDir Path temp;

  /** What a run says to its user. */
  private static final class Told implements Progress {
    private final List<String> sentences = new ArrayList<>();

    @Override
    public void onStep(int done, int total, Tensor x0) {}

    @Override
    public void warn(String sentence) {
      sentences.add(sentence);
    }
  }

  private static ImagePlus image() {
    ImagePlus image = Runs.stack(60, 48, 8, 1, 3, 1);
    image.setSlice(2);
    image.setRoi(new OvalRoi(20, 14, 24, 20));
    return image;
  }

  private static Provenance record(ImagePlus image) {
    return Provenance.of(image).orElseThrow();
  }

  /** The warning is what keeps people from waiting for a processor as if it were a card. */
  @Test
  void whoeverAskedForTheBestDeviceIsToldThatItIsNotUsed() {
    Told told = new Told();
    DiffusionCommand command =
        Runs.command(EditCommand.LABEL, image(), "model=gauss steps=3 device=auto");
    command.setProgress(told);
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> true)) {
      command.run();
      assertEquals(1, cuda.calls().size());
    }
    assertEquals(1, told.sentences.size());
    String said = told.sentences.get(0);
    assertTrue(said.startsWith("Runs on the CPU: The CUDA device cannot be used ("), said);
    Provenance record = record(command.results().get(0));
    assertEquals("CPU", record.get("provider"));
    assertEquals(said, record.get("provider_note"));
    assertFalse(record.fields().containsKey("provider_settings"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Diffusion Edit...|model=gauss steps=5 strength=0.6 planes=all samples=3 seed=2",
        "Diffusion Inpaint...|model=gauss steps=5 jump=2 resamplings=2 in_place",
        "Diffusion Guide...|model=gauss steps=4 factor=4",
        "Diffusion Denoise...|model=gauss output=average samples=2 steps=3",
        "Diffusion Upscale...|model=cond-inside steps=4",
        "Diffusion Encode...|model=gauss steps=5",
        "Diffusion Generate...|model=gauss width=48 height=32 steps=5 samples=2",
      })
  void aRunThatMovesMakesThePixelsOfTheCpu(String label, String options) {
    ImagePlus expected = Runs.result(label, image(), options + " device=cpu");
    Told told = new Told();
    DiffusionCommand command = Runs.command(label, image(), options + " device=auto");
    command.setProgress(told);
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> call >= 3)) {
      command.run();
      assertTrue(cuda.calls().size() >= 4 && cuda.calls().size() <= 5, "" + cuda.calls());
    }
    List<ImagePlus> results = command.results();
    ImagePlus found = results.get(results.size() - 1);
    Runs.assertSamePixels(expected, found);
    Provenance record = record(found);
    assertEquals("CUDA, then CPU", record.get("provider"));
    assertEquals("device 0, TF32 off", record.get("provider_settings"));
    assertEquals(String.join(" ", told.sentences), record.get("provider_note"));
    assertTrue(record.get("provider_note").endsWith("; goes on on the CPU."));
    assertEquals(record(expected).get("network_calls"), record.get("network_calls"));
  }

  @Test
  void onADeviceAskedForByNameNothingIsLeftHalfDone() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("out"));
    ImagePlus image = image();
    ImagePlus before = image.duplicate();
    String options =
        "model=gauss steps=8 strength=0.5 planes=all device=cuda folder=[" + folder + "]";
    List<Path> written = new ArrayList<>();
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> call > 10)) {
      cuda.whenFailing(() -> written.addAll(files(folder)));
      String said = Runs.refused(EditCommand.LABEL, image, options);
      assertTrue(said.startsWith("The CUDA device failed when running model"), said);
    }
    assertFalse(written.isEmpty(), "planes were ready when it failed");
    assertEquals(List.of(), files(folder));
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> call > 4)) {
      DiffusionException e =
          assertThrows(
              DiffusionException.class,
              () ->
                  Runs.run(
                      InpaintCommand.LABEL,
                      image,
                      "model=gauss steps=6 jump=1 resamplings=1 in_place device=cuda"));
      assertTrue(e.getMessage().endsWith("or smaller tiles."), e.getMessage());
      assertEquals(6, cuda.calls().size());
    }
    Runs.assertSamePixels(before, image);
    assertTrue(Provenance.of(image).isEmpty());
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void cancellingStillWorksAfterARunHasMoved() {
    ImagePlus image = image();
    ImagePlus before = image.duplicate();
    DiffusionCommand command =
        Runs.command(
            InpaintCommand.LABEL,
            image,
            "model=gauss steps=6 jump=1 resamplings=1 in_place device=auto");
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> call > 2)) {
      command.setProgress(
          (done, total, x0) -> {
            if (cuda.calls().size() > 3) {
              throw new Cancelled();
            }
          });
      assertThrows(Cancelled.class, command::run);
      assertEquals(4, cuda.calls().size());
    }
    Runs.assertSamePixels(before, image);
  }
}
