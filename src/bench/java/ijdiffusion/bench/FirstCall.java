package ijdiffusion.bench;

import java.util.Locale;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ijdiffusion.card.ModelCard;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;

/** In a fresh JVM: the parts of the time from its start to the first network call, in ms. */
final class FirstCall {
  private static final int SIDE = 64;

  private FirstCall() {}

  /** Tells the figures, see {@link FirstExperiment}. */
  public static void main(String[] args) throws OrtException {
    long now = System.currentTimeMillis();
    ChildJvm.tell("jvm_start", now - ManagementFactory.getRuntimeMXBean().getStartTime());
    Clock clock = new Clock();
    ModelCard card = Subject.card();
    clock.tell("card");
    OrtEnvironment environment = OrtEnvironment.getEnvironment("ij-diffusion");
    clock.tell("native_load");
    int threads;
    try (OnnxPredictor network = Subject.open()) {
      threads = network.threads();
      clock.tell("open");
      double first = new Subject.Call(network, card, 1, SIDE).time();
      ChildJvm.tell("first_call", first / 1e6);
      ChildJvm.tell(
          "total", System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime());
      clock.restart();
      ModelCard again = Subject.card();
      clock.tell("warm_card");
      try (OnnxPredictor second = OnnxPredictor.open(again, Device.CPU, threads)) {
        clock.tell("warm_open");
        ChildJvm.tell(
            "warm_first_call", new Subject.Call(second, again, 1, SIDE).time() / 1e6);
      }
    }
    clock.restart();
    try (OnnxPredictor kept = OnnxPredictor.open(card, Device.CPU, threads)) {
      clock.tell("kept_open");
    }
    clock.restart();
    ByteBuffer bytes = card.weights().load();
    clock.tell("read_and_hash");
    for (OrtSession.SessionOptions.OptLevel level : OrtSession.SessionOptions.OptLevel.values()) {
      try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
        options.setIntraOpNumThreads(threads);
        options.setOptimizationLevel(level);
        clock.restart();
        OrtSession session = environment.createSession(bytes.duplicate(), options);
        clock.tell("session_" + level.name().toLowerCase(Locale.ROOT));
        session.close();
      }
    }
  }

  private static final class Clock {
    private long since = System.nanoTime();

    void tell(String name) {
      ChildJvm.tell(name, (System.nanoTime() - since) / 1e6);
      restart();
    }

    void restart() {
      since = System.nanoTime();
    }
  }
}
