package ijdiffusion.gpu;

import ijdiffusion.card.ModelCard;
import ijdiffusion.model.Prediction;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;

/** How long a step takes, and what the card has to do for it. */
final class DeviceTimes {
  private final Rows rows;
  private final CardMonitor monitor;
  private final int repeats;

  DeviceTimes(Rows rows, CardMonitor monitor, int repeats) {
    this.rows = rows;
    this.monitor = monitor;
    this.repeats = repeats;
  }

  /**
   * Times a step of a batch.
   *
   * @param what the model, for the table
   * @param images in the batch
   * @param side of each, in pixels
   */
  void measure(ModelCard card, String what, Device device, String setting, int images, int side) {
    String batch = images + " x " + side + " x " + side;
    try (OnnxPredictor network = OnnxPredictor.open(card, device, 0)) {
      Shape shape = new Shape(images, card.channels(), side, side);
      Tensor x = DeviceOracles.state(shape);
      Prediction out = new Prediction(shape, network.predictsVariance());
      NoiseLevel level = card.schedule().level(card.schedule().size() / 2);
      network.predict(x, level, out);
      network.predict(x, level, out);
      monitor.reset();
      double[] times = new double[repeats];
      for (int i = 0; i < repeats; i++) {
        long start = System.nanoTime();
        network.predict(x, level, out);
        times[i] = (System.nanoTime() - start) * 1e-6;
      }
      Arrays.sort(times);
      String how = setting + " " + network.provider();
      rows.add("time", what + " " + batch, how, "ms per step (median)", times[repeats / 2]);
      rows.add("time", what + " " + batch, how, "ms per step (best)", times[0]);
      rows.add("time", what + " " + batch, how, "MiB on the card", monitor.memory());
      rows.add("time", what + " " + batch, how, "% use of the card", monitor.use());
    }
  }

  /** From command to first network call. */
  void opening(ModelCard card, String what, Device device, String setting) {
    for (String which : new String[] {"s to open", "s to open again"}) {
      long start = System.nanoTime();
      OnnxPredictor.open(card, device, 0).close();
      rows.add("time", what, setting, which, (System.nanoTime() - start) * 1e-9);
    }
  }
}
