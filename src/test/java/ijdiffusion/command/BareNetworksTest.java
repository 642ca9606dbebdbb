package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardDraft;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.card.Sidecar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An ONNX file given as a model: before it has a card, how it gets one, and after. */
class BareNetworksTest {
  @TempDir Path temp;
  private Path file;

  @BeforeEach
  void copy() throws IOException {
    file = Files.copy(Path.of("src/test/resources/bare/fixed28.onnx"), temp.resolve("a net.onnx"));
  }

  private ImagePlus edited() {
    ImagePlus image = UpscaleCommandTest.units(40, 50, 1, 5, 0.9);
    return Runs.result(EditCommand.LABEL, image, "steps=6 limits=display model=[" + file + "]");
  }

  @Test
  void aFileWithoutACardIsRefusedWithTheProposalAndRunsOnceItIsSaved() {
    String said = assertThrows(DiffusionException.class, this::edited).getMessage();
    assertTrue(
        said.contains("a net.rdf.yaml beside it; proposed are image.tensor=x (shape)"), said);
    assertTrue(said.contains("output.meaning=epsilon (probe)"), said);
    assertTrue(said.contains("to be checked with the author, are image.value_range=[-1, 1]"), said);
    assertTrue(said.contains("--save"), said);
    assertEquals(1, said.lines().count());
    String card = BareNetworks.save(file.toString(), "output.clip=false domain=[grey pixels]");
    assertEquals(Sidecar.of(file).toString(), card);
    assertEquals("grey pixels", ModelCardReader.read(file).about().domain());
    assertEquals(40, edited().getWidth());
    said =
        assertThrows(DiffusionException.class, () -> BareNetworks.save(file + "x", ""))
            .getMessage();
    assertTrue(said.endsWith("is no ONNX file; give the path of a file that ends in .onnx."), said);
  }

  @Test
  void theCommandLine() {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      assertEquals(0, Main.execute("card", file.toString()));
      assertFalse(Files.exists(Sidecar.of(file)));
      String options = "schedule.kind=cosine";
      assertEquals(0, Main.execute("card", file.toString(), "--save", "--options", options));
    } finally {
      System.setOut(before);
    }
    String text = printed.toString(StandardCharsets.UTF_8);
    assertTrue(text.matches("(?s).*image\\.width +28 +shape\\R.*"), text);
    assertTrue(text.matches("(?s).*schedule\\.kind +cosine +given\\R.*"), text);
    assertTrue(Files.exists(Sidecar.of(file)));
    assertTrue(ModelCardReader.read(file).schedule().alphaBar(999) < 1e-6);
  }

  @Test
  void nobodyIsAskedWhereNobodyIs() {
    CardDraft draft = BareNetworks.propose(file, "");
    assertEquals(Optional.of(draft), ModelCardDialog.complete(draft));
    Map<String, String> shown = new LinkedHashMap<>();
    draft.fields().forEach(field -> shown.put(field.key(), field.value()));
    assertEquals(draft.fields(), ModelCardDialog.completed(draft, shown).fields());
    shown.put("schedule.kind", "cosine");
    shown.put("output.meaning", "edm");
    CardDraft changed = ModelCardDialog.completed(draft, shown);
    assertEquals("0.5", changed.get("output.sigma_data"));
    assertEquals(1000, changed.card().schedule().size());
  }
}
