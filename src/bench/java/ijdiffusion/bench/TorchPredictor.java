package ijdiffusion.bench;

import java.util.Arrays;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import ijdiffusion.card.ModelCard;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;

/**
 * The network as TorchScript, run by libtorch in this process: what PyTorch does, with our host code
 * round it. Images of a batch go through together, as is usual with PyTorch.
 */
final class TorchPredictor implements NoisePredictor, AutoCloseable {
  private final ModelCard card;
  private final Model model;
  private final NDManager manager;
  private final ParameterStore parameters;

  /**
   * @param file TorchScript of the card's network, which takes image and level
   */
  TorchPredictor(Path file, ModelCard card) throws IOException {
    String name = file.getFileName().toString().replaceFirst("\\.pt$", "");
    this.card = card;
    this.model = Model.newInstance(name, "PyTorch");
    try {
      model.load(file.toAbsolutePath().getParent(), name);
    } catch (MalformedModelException e) {
      throw new IOException(file + " is not TorchScript", e);
    }
    this.manager = model.getNDManager().newSubManager();
    this.parameters = new ParameterStore(manager, false);
  }

  /** For all networks of this process. */
  static void setThreads(int threads) {
    JniUtils.setNumThreads(threads);
  }

  /**
   * No code is generated from what a trace is seen to do: every operator is called as it stands, as
   * from Python. What it would generate depends on the sizes of the first calls.
   */
  static void callEagerly() {
    JniUtils.setGraphExecutorOptimize(false);
  }

  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    Shape s = x.shape();
    float time = (float) card.time().meaning().value(level, card.schedule());
    float[] times = new float[s.n()];
    Arrays.fill(times, time);
    try (NDManager call = manager.newSubManager()) {
      NDArray image =
          call.create(
              FloatBuffer.wrap(x.data()),
              new ai.djl.ndarray.types.Shape(s.n(), s.c(), s.h(), s.w()),
              DataType.FLOAT32);
      NDArray levels = call.create(times, new ai.djl.ndarray.types.Shape(s.n(), 1));
      NDList answer =
          model.getBlock().forward(parameters, new NDList(image, levels), false);
      answer.attach(call);
      answer.singletonOrThrow().toByteBuffer().asFloatBuffer().get(out.eps().data());
    }
    card.output().meaning().toPrediction(x, level, out);
  }

  @Override
  public void close() {
    manager.close();
    model.close();
  }
}
