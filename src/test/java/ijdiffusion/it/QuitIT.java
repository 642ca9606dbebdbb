package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Leaving ImageJ while the native code is at work must not crash the JVM. */
class QuitIT extends OnDisplay {
  /** 143 is what a JVM that ends in order says to a request to terminate. */
  @ParameterizedTest
  @CsvSource({"terminate, 143", "terminate, 143", "exit, 0", "exit, 0", "quit, 0"})
  void leavingInTheMiddleOfARunIsNoCrash(String how, int code) {
    GuiSession session = GuiSession.in(temp, display);
    try (Child imageJ = session.start(how)) {
      imageJ.awaitLine("RUNNING", 90);
      if (how.equals("terminate")) {
        imageJ.terminate();
      }
      Child.Outcome o = imageJ.await(20);
      assertEquals(code, o.code(), o.toString());
    }
    session.folder().assertNoCrash();
  }
}
