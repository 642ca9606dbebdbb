package ijdiffusion.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class InpaintWayTest {
  private static final ModelCard CARD = ModelCatalogue.standard(List.of()).find("nuclei");

  private static int calls(String text) {
    return InpaintWay.parse(text).networkCalls(CARD);
  }

  @Test
  void presetsHaveTheCommandsCalls() {
    assertEquals(24, calls("fast"));
    assertEquals(40, calls("balanced"));
    assertEquals(96, calls("thorough"));
    assertEquals(2410, calls("paper"));
  }

  @Test
  void waysAreRead() {
    InpaintWay way = InpaintWay.parse(" late 3.5  ddnm focused 40, 2,5 dpmpp_sde ");
    assertEquals("late 3.5 ddnm focused 40 2 5 dpmpp_sde", way.name());
    assertEquals(new InpaintPath(InpaintPath.Kind.FOCUSED, 40, 2, 5), way.path());
    assertEquals(SamplerChoice.DPMPP_SDE, way.sampler());
    assertEquals(3.5, way.late());
    assertTrue(way.corrected());
    assertEquals(SamplerChoice.DDPM, InpaintWay.parse("repaint 40 5 3").sampler());
    assertEquals(110, calls("repaint 40 5 3"));
    assertEquals(96, calls("focused 40 2 5"));
    assertEquals(12, calls("kriged 12 1 1"));
    assertEquals(50, calls("plain dpmpp_2m 50"));
    assertEquals(99, calls("plain heun 50"));
    List<String> standard = Arrays.asList(InpaintWay.STANDARD.split(";"));
    assertTrue(standard.stream().allMatch(text -> calls(text) > 0));
    for (String wrong : List.of("focused 40 2", "plain nothing 20", "late focused 40 2 5", "")) {
      assertThrows(DiffusionException.class, () -> InpaintWay.parse(wrong), wrong);
    }
  }

  @Test
  void lateStartIsTheLastPartOfThePath() {
    List<NoiseLevel> whole = InpaintWay.parse("focused 40 2 5").levels(CARD).levels();
    List<NoiseLevel> late = InpaintWay.parse("late 3 focused 40 2 5").levels(CARD).levels();
    assertEquals(whole.subList(whole.size() - late.size(), whole.size()), late);
    assertTrue(late.get(0).noiseToSignal() <= 3);
    assertTrue(whole.get(whole.size() - late.size() - 1).noiseToSignal() > 3);
  }

  @Test
  void scoreByHand() {
    Tensor truth = new Tensor(new Shape(1, 1, 1, 3), new float[] {0, 1, 100});
    // in the hole, pixels 0 and 1: members -1, 2 and 1, 3
    Tensor made = new Tensor(new Shape(2, 1, 1, 3), new float[] {-1, 1, 0, 2, 3, 0});
    double[] score = HoleTask.score(7, truth, made, new boolean[] {true, true, false});
    // CRPS: mean error less half the mean distance of two: 1.5 - 1.5 and 1 - 1
    assertEquals(0, score[1], 1e-12);
    assertEquals(7, score[0]);
    assertEquals((0.5 + 1) / 2, score[2], 1e-12);
    assertEquals((1.0 + 0) / 2, score[3], 1e-12);
    assertEquals(1, score[4], 1e-12);
  }
}
