package ijdiffusion.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a card says of the training images, and what is said of images that are unlike them. */
class TrainedOnTest {
  private static final String BLOCK =
      "trained_on: {bits: [8, 16], colour: rgb, mean: [-0.5, 0.25], deviation: [0.1, 0.7]}";

  @TempDir Path temp;

  private ModelCard card(String block) throws IOException {
    String text =
        CardFolder.replaceOnce(
            CardFolder.text("gauss"), "    defaults:", "    " + block + "\n    defaults:");
    return ModelCardReader.read(CardFolder.write(temp, "m", text));
  }

  private List<String> of(String block, ImageFacts facts) throws IOException {
    return DomainWarnings.of(card(block), facts);
  }

  @Test
  void blockIsReadAndMayBeLeftOut() throws IOException {
    TrainedOn trained = card(BLOCK).trainedOn().orElseThrow();
    assertEquals(List.of(8, 16), trained.bits());
    assertEquals(TrainedOn.Colour.RGB, trained.colour().orElseThrow());
    assertEquals(new TrainedOn.Span(-0.5, 0.25), trained.mean().orElseThrow());
    assertEquals(new TrainedOn.Span(0.1, 0.7), trained.deviation().orElseThrow());
    TrainedOn some = card("trained_on: {colour: grey}").trainedOn().orElseThrow();
    assertTrue(some.bits().isEmpty() && some.mean().isEmpty() && some.deviation().isEmpty());
    assertTrue(ModelCardReader.read(CardFolder.MODELS.resolve("gauss")).trainedOn().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {bits: [12]}            | config.diffusion.trained_on.bits is [12], but must be
          {bits: [8.5]}           | config.diffusion.trained_on.bits is [0], but must be
          {bits: 8}               | config.diffusion.trained_on.bits is "8", but must be a list of 8, 16 and 32
          {colour: blue}          | config.diffusion.trained_on.colour is "blue", but must be one of grey, rgb
          {mean: [1, 0]}          | config.diffusion.trained_on.mean is [1.0, 0.0], but must be two numbers
          {mean: [1]}             | config.diffusion.trained_on.mean is [1], but must be two numbers
          {deviation: [-0.1, 1]}  | config.diffusion.trained_on.deviation starts at -0.1, but must not be below 0
          {color: grey}           | config.diffusion.trained_on.color is no known field; known are bits, colour
          """)
  void slipsAreNamed(String block, String said) {
    String message =
        assertThrows(DiffusionException.class, () -> card("trained_on: " + block)).getMessage();
    assertTrue(message.contains(said), message);
  }

  @Test
  void kindOfImageIsCompared() throws IOException {
    assertEquals(
        List.of(
            "Model Test model gauss was trained on 8-bit and 16-bit RGB images; this image is 16-bit grey."),
        of(BLOCK, new ImageFacts(16, 1, false, 0, 0.5)));
    assertEquals(
        List.of("Model Test model gauss was trained on grey images; this image is 8-bit RGB."),
        of("trained_on: {colour: grey}", new ImageFacts(8, 3, true, 0, 0.5)));
    assertEquals(
        List.of(
            "Model Test model gauss was trained on 8-bit images; this image is 32-bit with 3 channels."),
        of("trained_on: {bits: [8]}", new ImageFacts(32, 3, false, 0, 0.5)));
    assertEquals(List.of(), of(BLOCK, new ImageFacts(8, 3, true, 0, 0.5)));
    assertEquals(List.of(), of("trained_on: {colour: grey}", new ImageFacts(32, 1, false, 9, 9)));
  }

  @Test
  void meanAndContrastAreComparedEndsIncluded() throws IOException {
    assertEquals(List.of(), of(BLOCK, new ImageFacts(8, 3, true, -0.5, 0.1)));
    assertEquals(List.of(), of(BLOCK, new ImageFacts(8, 3, true, 0.25, 0.7)));
    assertEquals(
        List.of(
            "Model Test model gauss was trained on images whose mean is -0.5 to 0.25 in its range of -1 to 1;"
                + " this image's is 0.26, so it may be of another kind."),
        of(BLOCK, new ImageFacts(8, 3, true, 0.26, 0.7)));
    List<String> both = of(BLOCK, new ImageFacts(8, 3, true, -0.6, 0.05));
    assertEquals(2, both.size());
    assertTrue(both.get(1).contains("standard deviation is 0.1 to 0.7"), both.get(1));
    // an image without a value has neither
    assertEquals(List.of(), of(BLOCK, new ImageFacts(8, 3, true, Double.NaN, Double.NaN)));
  }
}
