package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.demo.NucleiField;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TiledPredictor;
import ijdiffusion.model.Tiling;
import ijdiffusion.model.WindowPredictor;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.study.Seams;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Tiles do not show in what the bundled network makes. Neighbours across the ends of tiles differ
 * as much as neighbours a few pixels away, to 5 %; the same figure of a run without tiles takes out
 * what the picture itself has at these places.
 */
class TileSeamTest {
  private static final int SIZE = 192;
  private static OnnxPredictor network;

  @BeforeAll
  static void open() {
    network = OnnxPredictor.open(ModelCatalogue.standard(List.of()).find("nuclei"), Device.CPU, 0);
  }

  @AfterAll
  static void close() {
    network.close();
  }

  private static Tensor edit(Tensor image, Tiling tiling) {
    Trajectory path = Trajectory.of(network.card().schedule().levels(200, 500));
    KeyedNoise noise = KeyedNoise.of(1);
    Tensor x = new Tensor(image.shape());
    noise.next(x);
    x.setSum(path.start().alpha(), image, path.start().sigma(), x);
    NoisePredictor predictor =
        new TiledPredictor(WindowPredictor.of(network), tiling).clipped(-1, 1);
    new ReverseProcess(predictor, new Ddim(0), Constraint.NONE, path).run(x, noise, Monitor.NONE);
    return x;
  }

  private static void assertSeamless(Tensor image) {
    Tensor whole = edit(image, new Tiling(SIZE, SIZE, SIZE, 0, 0, 16));
    Tiling blended = Tiling.ofTile(SIZE, SIZE, 128, 16);
    double seams = Seams.ratio(edit(image, blended), blended) / Seams.ratio(whole, blended);
    assertEquals(1, seams, 0.05, blended.describe());
    Tiling touching = new Tiling(SIZE, SIZE, 96, 0, 0, 16);
    double shown = Seams.ratio(edit(image, touching), touching) / Seams.ratio(whole, touching);
    assertTrue(shown > 1.5, "tiles that only touch must show, but differ only " + shown);
  }

  @Test
  void onAFlatImage() {
    Tensor image = new Tensor(new Shape(1, 1, SIZE, SIZE));
    image.fill(-0.8f);
    assertSeamless(image);
  }

  @Test
  void onATexturedImage() {
    byte[] grey = NucleiField.render(SIZE, SIZE, 5).noisy8();
    float[] values = new float[grey.length];
    for (int i = 0; i < grey.length; i++) {
      values[i] = grey[i] & 0xff;
    }
    IntensityRange range = IntensityRange.ofPercentiles(values.clone(), 1, 99.8, 8, -1, 1);
    for (int i = 0; i < values.length; i++) {
      values[i] = range.toModel(values[i]);
    }
    assertSeamless(new Tensor(new Shape(1, 1, SIZE, SIZE), values));
  }
}
