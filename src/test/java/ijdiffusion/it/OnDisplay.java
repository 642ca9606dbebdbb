package ijdiffusion.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests that need a screen; they are skipped where there is none. */
abstract class OnDisplay {
  static Display display;

  @TempDir Path temp;

  @BeforeAll
  static void open() {
    display = Display.open();
  }

  @AfterAll
  static void close() {
    display.close();
  }

  @BeforeEach
  void needsDisplay() {
    assumeTrue(
        display.isOpen(),
        "No display: install Xvfb (apt-get install xvfb, dnf install xorg-x11-server-Xvfb) or set"
            + " DISPLAY.");
  }
}
