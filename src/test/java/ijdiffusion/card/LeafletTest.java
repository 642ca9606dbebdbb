package ijdiffusion.card;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Picture and README of a model, and nothing else of the user's files. */
class LeafletTest {
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G'};

  @TempDir Path temp;

  private Leaflet leaflet(String covers) throws IOException {
    Path card = CardFolder.write(temp, "m", CardFolder.text("gauss") + covers);
    return Leaflet.of(ModelCardReader.read(card));
  }

  @Test
  void picturesAndReadmesOfAllBundledModels() {
    for (ModelCatalogue.Entry entry : new ModelCatalogue(List.of()).entries()) {
      assertEquals(ModelCatalogue.Origin.BUNDLED, entry.origin());
      Leaflet leaflet = Leaflet.of(entry.card());
      assertTrue(leaflet.picture().orElseThrow().length > 1000, entry.name());
      assertTrue(leaflet.readme().orElseThrow().endsWith("README.md"), entry.name());
    }
  }

  @Test
  void firstPictureThatCanBeShown() throws IOException {
    Files.createDirectories(temp.resolve("m"));
    Files.write(temp.resolve("m/b.PNG"), PNG);
    Files.write(temp.resolve("m/c.jpg"), new byte[] {1});
    Files.write(temp.resolve("m/a.svg"), new byte[] {2});
    String covers = "\ncovers: [a.svg, missing.png, b.PNG, c.jpg]\n";
    assertArrayEquals(PNG, leaflet(covers).picture().orElseThrow());
    assertTrue(leaflet("").picture().isEmpty());
    assertTrue(leaflet("").readme().isEmpty());
  }

  @Test
  void filesElsewhereOrTooLargeAreLeftOut() throws IOException {
    Files.createDirectories(temp.resolve("m"));
    Files.write(temp.resolve("secret.png"), PNG);
    assertTrue(leaflet("\ncovers: [../secret.png]\n").picture().isEmpty());
    assertTrue(leaflet("\ncovers: ['" + temp.resolve("secret.png") + "']\n").picture().isEmpty());
    assertTrue(leaflet("\ncovers: ['https://x.org/a.png']\n").picture().isEmpty());
    assertTrue(leaflet("\ncovers: {a: 1}\n").picture().isEmpty());
    assertEquals(Optional.empty(), leaflet("\ndocumentation: ../secret.png\n").readme());
    Files.createSymbolicLink(temp.resolve("m/link.png"), temp.resolve("secret.png"));
    assertTrue(leaflet("\ncovers: [link.png]\n").picture().isEmpty());
    try (RandomAccessFile large = new RandomAccessFile(temp.resolve("m/l.png").toFile(), "rw")) {
      large.setLength(Leaflet.MAX_BYTES);
      assertEquals(5_000_000, leaflet("\ncovers: [l.png]\n").picture().orElseThrow().length);
      large.setLength(Leaflet.MAX_BYTES + 1);
      assertTrue(leaflet("\ncovers: [l.png]\n").picture().isEmpty());
    }
  }
}
