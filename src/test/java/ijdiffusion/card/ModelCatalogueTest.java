package ijdiffusion.card;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCatalogueTest {
  @TempDir Path temp;

  @Test
  void bundledModelsComeFirst() {
    ModelCatalogue catalogue = new ModelCatalogue(List.of(CardFolder.MODELS));
    assertEquals(
        List.of(
            "nuclei",
            "nuclei-sr4",
            "photos",
            "photos-inpaint",
            "photos-sr4",
            "cond-first",
            "cond-inside",
            "cond-last",
            "cond-pairs",
            "cond-residual",
            "cond-separate",
            "gauss",
            "gauss-2c",
            "gauss-diffusers",
            "gauss-edm",
            "gauss-fixed28",
            "gauss-int64",
            "gauss-learned",
            "gauss-level",
            "gauss-reversed",
            "gauss-rgb",
            "gauss-scaled-time",
            "gauss-score",
            "gauss-v",
            "gauss-v-zero",
            "gauss-ve",
            "gauss-x0",
            "mixture"),
        catalogue.names());
    assertEquals("Fluorescence nuclei (64 px)", catalogue.find(" nuclei ").name());
    assertEquals("Test model mixture", catalogue.find("mixture").name());
  }

  @Test
  void everyBundledModelOpens() {
    ModelCatalogue catalogue = new ModelCatalogue(List.of());
    assertTrue(catalogue.names().contains("nuclei"));
    for (String name : catalogue.names()) {
      assertTrue(catalogue.find(name).loadWeights().isDirect());
    }
  }

  @Test
  void foundByPath() {
    ModelCatalogue catalogue = new ModelCatalogue(List.of());
    Path gauss = CardFolder.MODELS.resolve("gauss");
    assertEquals("Test model gauss", catalogue.find(gauss.toString()).name());
    assertEquals("Test model gauss", catalogue.find(gauss.resolve("rdf.yaml").toString()).name());
  }

  @Test
  void unknownNameTellsTheKnownOnes() {
    ModelCatalogue catalogue = new ModelCatalogue(List.of());
    for (String wanted : List.of("nuclea", "", "a\0b")) {
      String said =
          assertThrows(DiffusionException.class, () -> catalogue.find(wanted)).getMessage();
      assertEquals(
          "There is no model \""
              + wanted
              + "\"; known are nuclei, nuclei-sr4, photos, photos-inpaint, photos-sr4, and a model's folder can be given by its path.",
          said);
    }
  }

  @Test
  void brokenCardHidesNothing() throws IOException {
    CardFolder.write(temp, "broken", "type: model\n");
    CardFolder.write(temp, "fine", CardFolder.text("gauss"));
    CardFolder.write(temp, "nuclei", CardFolder.text("gauss"));
    Files.createDirectory(temp.resolve("not-a-model"));
    ModelCatalogue catalogue = new ModelCatalogue(List.of(temp, temp.resolve("nowhere")));
    assertEquals(
        List.of("nuclei", "nuclei-sr4", "photos", "photos-inpaint", "photos-sr4", "broken", "fine"),
        catalogue.names());
    assertEquals("Test model gauss", catalogue.find("fine").name());
    assertEquals("Fluorescence nuclei (64 px)", catalogue.find("nuclei").name());
    String said =
        assertThrows(DiffusionException.class, () -> catalogue.find("broken")).getMessage();
    assertTrue(said.contains("format_version is missing"), said);
  }

  @Test
  void foldersOfTheSystemProperty() throws IOException {
    CardFolder.write(temp, "mine", CardFolder.text("gauss"));
    String before = System.setProperty(ModelCatalogue.FOLDERS_PROPERTY, temp.toString());
    try {
      assertEquals(
          List.of("nuclei", "nuclei-sr4", "photos", "photos-inpaint", "photos-sr4", "mine"),
          ModelCatalogue.standard(List.of()).names());
    } finally {
      if (before == null) {
        System.clearProperty(ModelCatalogue.FOLDERS_PROPERTY);
      } else {
        System.setProperty(ModelCatalogue.FOLDERS_PROPERTY, before);
      }
    }
  }

  @Test
  void bundledModelsInsideJar() throws IOException {
    Path jar = temp.resolve("Diffusion_ & co.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      put(zip, "models/bundled.txt", "# ours\n\ngauss\n".getBytes(UTF_8));
      put(zip, "models/gauss/rdf.yaml", bytes("gauss/rdf.yaml"));
      put(zip, "models/gauss/model.onnx", bytes("gauss/model.onnx"));
    }
    // twice, as ImageJ does on Help > Refresh Menus
    for (int i = 0; i < 2; i++) {
      try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
        Map<String, Path> models = BundledModels.locate(loader);
        assertEquals(List.of("gauss"), List.copyOf(models.keySet()));
        try (var inside = models.get("gauss").getFileSystem()) {
          ModelCard card = ModelCardReader.read(models.get("gauss"));
          assertEquals("Test model gauss", card.name());
          assertEquals(bytes("gauss/model.onnx").length, card.loadWeights().remaining());
          assertTrue(inside.isOpen());
        }
      }
    }
  }

  @Test
  void noListNoBundledModels() throws IOException {
    try (URLClassLoader loader = new URLClassLoader(new URL[0], null)) {
      assertEquals(Map.of(), BundledModels.locate(loader));
    }
  }

  private static byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(CardFolder.MODELS.resolve(file));
  }

  private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(bytes);
    zip.closeEntry();
  }
}
