package ijdiffusion.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** This software's version, written into a resource by the build. */
final class Version {
  private Version() {}

  static String current() {
    Properties p = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("/ijdiffusion/version.properties")) {
      p.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return p.getProperty("version");
  }
}
