package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The models that come with the program: class-path resources {@code models/NAME/}, their names in
 * {@code models/bundled.txt}. They lie in a folder of classes or inside our jar.
 */
final class BundledModels {
  private static final String FOLDER = "models/";

  /** Found once: the jar stays open, as it does for its classes. */
  private static Map<String, Path> own;

  private BundledModels() {}

  /** Folders of the models by name, in the order of the list. */
  static synchronized Map<String, Path> folders() {
    if (own == null) {
      // not the thread's class loader: in ImageJ that one does not know plugins
      own = locate(BundledModels.class.getClassLoader());
    }
    return own;
  }

  /** As {@link #folders}, by any class loader; the caller closes the file system of a jar. */
  static Map<String, Path> locate(ClassLoader loader) {
    URL list = loader.getResource(FOLDER + "bundled.txt");
    if (list == null) {
      return Map.of();
    }
    try {
      Path folder = folderOf(list);
      Map<String, Path> found = new LinkedHashMap<>();
      for (String name : names(list)) {
        found.put(name, folder.resolve(name));
      }
      return Collections.unmodifiableMap(found);
    } catch (IOException | URISyntaxException e) {
      throw new DiffusionException(
          "The models inside " + list + " cannot be read: " + e.getMessage() + ".", e);
    }
  }

  private static List<String> names(URL list) throws IOException {
    try (InputStream in = list.openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    }
  }

  private static Path folderOf(URL list) throws IOException, URISyntaxException {
    if (list.getProtocol().equals("file")) {
      return Path.of(list.toURI()).getParent();
    }
    if (list.openConnection() instanceof JarURLConnection jar) {
      // an unregistered file system: nobody else can have opened or closed it
      FileSystem zip = FileSystems.newFileSystem(Path.of(jar.getJarFileURL().toURI()));
      return zip.getPath(FOLDER).toAbsolutePath();
    }
    throw new IOException("neither a folder nor a jar");
  }
}
