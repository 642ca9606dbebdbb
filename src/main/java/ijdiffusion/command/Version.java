package ijdiffusion.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** This software's version, written into a resource by the build. */
final class Version {
  private Version() {}

  /** As in {@code 1.0.0}. */
  static String current() {
    return property("version");
  }

  /** The revision it was built from, or {@code unknown}. */
  static String build() {
    String build = property("build");
    return build.matches("[0-9a-f]{7,64}") ? build : "unknown";
  }

  private static String property(String key) {
    Properties p = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("/ijdiffusion/version.properties")) {
      p.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return p.getProperty(key, "");
  }
}
