package ijdiffusion.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What a user should know about the device that a network runs on, as it comes up. */
final class DeviceNotes {
  private final List<String> sentences = new ArrayList<>();
  private Consumer<? super String> listener = sentence -> {};

  /**
   * @param first what there is to know from the beginning; may be empty
   */
  DeviceNotes(String first) {
    if (!first.isEmpty()) {
      sentences.add(first);
    }
  }

  /** Tells somebody what there is to know, and whatever comes up, on the thread it comes up on. */
  void tell(Consumer<? super String> to) {
    List<String> known;
    synchronized (this) {
      listener = to;
      known = List.copyOf(sentences);
    }
    known.forEach(to);
  }

  void add(String sentence) {
    Consumer<? super String> to;
    synchronized (this) {
      sentences.add(sentence);
      to = listener;
    }
    to.accept(sentence);
  }

  /** All of it. */
  synchronized String text() {
    return String.join(" ", sentences);
  }
}
