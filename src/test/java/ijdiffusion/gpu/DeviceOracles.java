package ijdiffusion.gpu;

import ijdiffusion.card.ModelCard;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.List;

/** Single network calls on a device: against exact answers, and against the CPU. */
final class DeviceOracles {
  /** Networks that are exact for pixels N(0.3, 0.04), each with other conventions. */
  static final List<String> EXACT =
      List.of(
          "gauss",
          "gauss-v",
          "gauss-x0",
          "gauss-2c",
          "gauss-int64",
          "gauss-score",
          "gauss-learned",
          "gauss-reversed",
          "gauss-scaled-time",
          "gauss-v-zero",
          "gauss-edm");

  static final List<String> CONDITIONAL =
      List.of("cond-first", "cond-last", "cond-separate", "cond-inside");

  private static final double[] TIMES = {0.01, 0.1, 0.4, 0.9};

  private final Device device;
  private final String setting;
  private final Rows rows;

  DeviceOracles(Device device, String setting, Rows rows) {
    this.device = device;
    this.setting = setting;
    this.rows = rows;
  }

  /** Largest error of eps, the exact answer being of order 1. */
  void exact(ModelCard card, String name) {
    try (OnnxPredictor network = OnnxPredictor.open(card, device, 0)) {
      double worst = 0;
      for (double part : TIMES) {
        NoiseLevel level = level(card, part);
        Tensor x = state(new Shape(3, 1, 24, 40));
        Prediction out = new Prediction(x.shape(), network.predictsVariance());
        network.predict(x, level, out);
        double a = level.alphaBar();
        for (int i = 0; i < x.data().length; i++) {
          double eps = Math.sqrt(1 - a) * (x.data()[i] - Math.sqrt(a) * 0.3) / (a * 0.04 + 1 - a);
          worst = Math.max(worst, Math.abs(eps - out.eps().data()[i]));
        }
      }
      rows.add("oracle", name, setting, "max error of eps", worst);
    }
  }

  /** Largest and mean square difference of eps from the CPU's, in single calls on equal states. */
  void againstCpu(ModelCard card, String name, int side) {
    try (OnnxPredictor cpu = OnnxPredictor.open(card, Device.CPU, 0);
        OnnxPredictor other = OnnxPredictor.open(card, device, 0)) {
      double worst = 0;
      double squares = 0;
      long count = 0;
      Shape shape = new Shape(2, card.channels(), side, side);
      for (double part : TIMES) {
        Tensor x = state(shape);
        Prediction a = new Prediction(shape, cpu.predictsVariance());
        Prediction b = new Prediction(shape, cpu.predictsVariance());
        NoiseLevel level = level(card, part);
        given(cpu, card, shape).predict(x, level, a);
        given(other, card, shape).predict(x, level, b);
        for (int i = 0; i < x.data().length; i++) {
          double d = Math.abs(a.eps().data()[i] - b.eps().data()[i]);
          worst = Math.max(worst, d);
          squares += d * d;
          count++;
        }
      }
      rows.add("call", name, setting, "max difference of eps", worst);
      rows.add("call", name, setting, "RMS difference of eps", Math.sqrt(squares / count));
    }
  }

  private static NoisePredictor given(OnnxPredictor network, ModelCard card, Shape state) {
    return card.condition()
        .map(
            c ->
                network.given(
                    state(
                        new Shape(
                            state.n(),
                            c.inputChannels(),
                            state.h() / c.reduction(),
                            state.w() / c.reduction()))))
        .orElse(network);
  }

  private static NoiseLevel level(ModelCard card, double part) {
    return card.schedule().level((int) (part * (card.schedule().size() - 1)));
  }

  static Tensor state(Shape shape) {
    Tensor x = new Tensor(shape);
    KeyedNoise.of(11).next(x);
    return x;
  }
}
