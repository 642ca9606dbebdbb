package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.card.CardDraft;
import ijdiffusion.card.CardFolder;
import java.awt.datatransfer.DataFlavor;
import java.awt.datatransfer.StringSelection;
import java.awt.datatransfer.Transferable;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The window of models without its window. */
class ModelsDeskTest {
  @TempDir Path temp;
  private Path home;
  private final Seen seen = new Seen();
  private ModelsDesk desk;

  /** What a user would see, and what he answers. */
  private static final class Seen implements ModelsDesk.View {
    private List<String> names;
    private String chosen;
    private String html;
    private Optional<byte[]> picture;
    private boolean removable;
    private String opens;
    private String line = "";
    private int busy;
    private boolean yes;
    private String question;
    private String text;
    private Path browsed;

    @Override
    public void names(List<String> all, String one) {
      names = all;
      chosen = one;
    }

    @Override
    public void model(String words, Optional<byte[]> bytes, boolean canGo, String readme) {
      html = words;
      picture = bytes;
      removable = canGo;
      opens = readme;
    }

    @Override
    public void say(String words) {
      line = words;
    }

    @Override
    public void busy(boolean is) {
      busy += is ? 1 : -1;
    }

    @Override
    public boolean confirm(String words) {
      question = words;
      return yes;
    }

    @Override
    public Optional<CardDraft> complete(CardDraft draft) {
      return yes ? Optional.of(draft) : Optional.empty();
    }

    @Override
    public void read(String title, String words) {
      text = words;
    }

    @Override
    public void browse(Path folder) {
      browsed = folder;
    }
  }

  @BeforeEach
  void open() {
    home = temp.resolve("models");
    desk = new ModelsDesk(new ModelStore(Optional.of(home)), seen, Runnable::run);
    desk.open();
  }

  private Path mine() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("mine"));
    Files.writeString(folder.resolve("rdf.yaml"), CardFolder.text("gauss"));
    Files.copy(CardFolder.MODELS.resolve("gauss/model.onnx"), folder.resolve("model.onnx"));
    return folder;
  }

  @Test
  void theFirstModelIsShownAndOthersWhenTheyAreChosen() {
    assertEquals("nuclei", seen.chosen);
    assertTrue(seen.names.contains("photos-sr4"));
    assertTrue(seen.html.contains("<b>What it fills in is invented: never count"), seen.html);
    assertTrue(seen.picture.isPresent());
    assertFalse(seen.removable);
    assertEquals("README", seen.opens);
    assertFalse(seen.html.matches("(?s).*>[0-9a-f]{64}<.*"), "a hash wider than the window");
    desk.choose("photos-sr4");
    assertTrue(seen.html.contains("CC-BY-4.0"));
    desk.read();
    assertTrue(seen.text.startsWith("#"), seen.text);
    desk.test();
    assertTrue(seen.line.contains("passed"), seen.line);
    assertEquals(0, seen.busy);
  }

  @Test
  void droppedFoldersAreInstalledReplacedAndRemoved() throws IOException {
    desk.install(List.of(mine()));
    assertEquals("Installed as mine; the commands offer it now.", seen.line);
    assertEquals("mine", seen.chosen);
    assertTrue(seen.removable);
    assertTrue(seen.picture.isEmpty());
    assertEquals("Folder", seen.opens);
    desk.read();
    assertEquals(home.resolve("mine"), seen.browsed);
    desk.install(List.of(temp.resolve("mine")));
    assertEquals("There is a model mine already. Replace it?", seen.question);
    assertEquals("Nothing was installed.", seen.line);
    seen.yes = true;
    Files.writeString(home.resolve("mine/old.txt"), "old");
    desk.install(List.of(temp.resolve("mine")));
    assertFalse(Files.exists(home.resolve("mine/old.txt")));
    seen.yes = false;
    desk.remove();
    assertEquals("Nothing was removed.", seen.line);
    assertTrue(Files.exists(home.resolve("mine")));
    seen.yes = true;
    desk.remove();
    assertTrue(seen.question.contains(home.resolve("mine").toString()));
    assertFalse(Files.exists(home.resolve("mine")));
    assertEquals("nuclei", seen.chosen);
    assertEquals(0, seen.busy);
  }

  @Test
  void aBareNetworkNeedsItsUser() {
    Path bare = Path.of("src/test/resources/bare/fixed28.onnx");
    desk.install(List.of(bare));
    assertEquals("Nothing was installed.", seen.line);
    seen.yes = true;
    desk.install(List.of(bare));
    assertEquals("fixed28", seen.chosen);
    assertTrue(seen.html.contains("fixed28"));
  }

  @Test
  void mistakesAreSaidAndTheWindowStaysUsable() throws IOException {
    desk.install(List.of(Files.writeString(temp.resolve("x.txt"), "no model")));
    assertTrue(seen.line.contains("x.txt is no model; it must be"), seen.line);
    assertEquals(0, seen.busy);
    assertEquals("nuclei", seen.chosen);
    desk.choose("gone");
    assertTrue(seen.line.startsWith("There is no model \"gone\""), seen.line);
    assertEquals(0, seen.busy);
  }

  @Test
  void markupInACardIsText() {
    assertEquals("a &lt;b&gt; &amp;amp;", ModelsDesk.escaped("a <b> &amp;"));
  }

  @Test
  void aCardStandsForItsFolder() {
    Path folder = temp.resolve("m");
    assertEquals(folder, ModelsDesk.chosen(folder.resolve("rdf.yaml")));
    assertEquals(folder, ModelsDesk.chosen(folder.resolve("model_index.json")));
    assertEquals(folder.resolve("m.zip"), ModelsDesk.chosen(folder.resolve("m.zip")));
  }

  @Test
  void onlyFilesAreTakenFromADrop() {
    List<File> files = List.of(temp.resolve("a.zip").toFile(), temp.toFile());
    Transferable carried =
        new Transferable() {
          @Override
          public DataFlavor[] getTransferDataFlavors() {
            return new DataFlavor[] {DataFlavor.javaFileListFlavor};
          }

          @Override
          public boolean isDataFlavorSupported(DataFlavor flavor) {
            return flavor.equals(DataFlavor.javaFileListFlavor);
          }

          @Override
          public Object getTransferData(DataFlavor flavor) {
            return files;
          }
        };
    assertEquals(List.of(temp.resolve("a.zip"), temp), DroppedFiles.paths(carried));
    assertEquals(List.of(), DroppedFiles.paths(new StringSelection("text")));
  }
}
