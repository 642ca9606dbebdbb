package ijdiffusion.sampling.sde;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Writes down the levels that a network was asked for. */
record CountingPredictor(NoisePredictor network, List<NoiseLevel> asked) implements NoisePredictor {
  CountingPredictor(NoisePredictor network) {
    this(network, new ArrayList<>());
  }

  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    asked.add(level);
    network.predict(x, level, out);
  }

  int calls() {
    return asked.size();
  }
}
