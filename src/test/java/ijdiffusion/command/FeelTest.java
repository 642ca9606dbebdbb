package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImagePlus;
import ijdiffusion.Cancelled;
import ijdiffusion.image.Provenance;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Queue, early end, help and remembered values, without windows. */
@Timeout(120)
class FeelTest {
  @AfterEach
  void noEscape() {
    IJ.resetEscape();
  }

  // --- queue

  @Test
  void runsAreDoneOneAfterTheOtherInOrder() throws InterruptedException {
    List<String> log = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    Thread first =
        new Thread(
            () ->
                RunQueue.run(
                    "first",
                    () -> {
                      started.countDown();
                      await(mayEnd);
                      // a run in a run does not wait for itself
                      RunQueue.run("inner", () -> log.add("inner"));
                      log.add("first");
                    }));
    first.start();
    await(started);
    assertTrue(RunQueue.waiting().isEmpty());
    Thread second = new Thread(() -> RunQueue.run("second", () -> log.add("second")));
    second.start();
    awaitWaiting("second");
    Thread third = new Thread(() -> RunQueue.run("third", () -> log.add("third")));
    third.start();
    awaitWaiting("third");
    mayEnd.countDown();
    for (Thread t : List.of(first, second, third)) {
      t.join();
    }
    assertEquals(List.of("inner", "first", "second", "third"), log);
  }

  @Test
  void escTakesTheLastOneOutOfTheQueueAndNoOther() throws InterruptedException {
    List<String> log = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    Thread first =
        new Thread(
            () ->
                RunQueue.run(
                    "first",
                    () -> {
                      started.countDown();
                      await(mayEnd);
                      log.add("first");
                    }));
    first.start();
    await(started);
    Thread second =
        new Thread(
            () -> {
              assertThrows(Cancelled.class, () -> RunQueue.run("second", () -> log.add("second")));
              log.add("cancelled");
            });
    second.start();
    awaitWaiting("second");
    IJ.setKeyDown(java.awt.event.KeyEvent.VK_ESCAPE);
    second.join();
    assertTrue(RunQueue.waiting().isEmpty());
    assertFalse(IJ.escapePressed(), "Esc would cancel the first, too");
    mayEnd.countDown();
    first.join();
    RunQueue.run("after", () -> log.add("after"));
    assertEquals(List.of("cancelled", "first", "after"), log);
  }

  @Test
  void aRunThatFailsMakesWay() {
    assertThrows(
        IllegalStateException.class,
        () ->
            RunQueue.run(
                "bad",
                () -> {
                  throw new IllegalStateException();
                }));
    List<String> log = new ArrayList<>();
    RunQueue.run("next", () -> log.add("next"));
    assertEquals(List.of("next"), log);
  }

  private static void awaitWaiting(String title) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!RunQueue.waiting().equals(java.util.Optional.of(title))) {
      assertTrue(System.nanoTime() < end, title + " does not wait");
      Thread.sleep(5); // the queue tells nobody that somebody has come
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(60, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  // --- early end

  /** Ends a run at a step, as somebody who presses Esc and keeps the estimate. */
  private static final class Impatient implements Progress {
    private final int at;
    private int estimates;
    private ImagePlus picture;
    private float[] x0;

    Impatient(int at) {
      this.at = at;
    }

    @Override
    public boolean wantsEstimates() {
      return true;
    }

    @Override
    public void onEstimate(Supplier<ImagePlus> estimate) {
      estimates++;
      picture = estimate.get();
    }

    @Override
    public void onStep(int done, int total, Tensor estimate) {
      x0 = estimate.data().clone();
      if (done == at) {
        throw new EarlyEnd.Wanted();
      }
    }
  }

  @Test
  void aRunThatIsStoppedEarlyGivesWhatThePreviewShowed() {
    ImagePlus image = SampleImage.create();
    image.setRoi(100, 112, 24, 20);
    InpaintCommand command = new InpaintCommand();
    command.setImage(image);
    Parameters.apply(command, "steps=10 jump=2 resamplings=1 device=cpu seed=4");
    Impatient user = new Impatient(3);
    command.setProgress(user);
    command.run();
    ImagePlus result = command.results().get(0);
    assertEquals(3, user.estimates);
    assertArrayEquals(
        (byte[]) user.picture.getProcessor().getPixels(),
        (byte[]) result.getProcessor().getPixels());
    assertTrue(result.getTitle().endsWith("-inpainted-stopped-early"), result.getTitle());
    Provenance made = Provenance.of(result).orElseThrow();
    assertEquals("3 of 10", made.get("stopped_early_at_step"));
    assertTrue(made.get("incomplete").contains("not a sample"), made.get("incomplete"));
    assertEquals("3", made.get("network_calls"));
    assertTrue(MethodsText.of(made).contains("stopped by hand at step 3 of 10"));
    assertTrue(
        Repetition.of(made, image, true, "")
            .describe()
            .contains("it was stopped early at step 3 of 10, this runs to the end"));
  }

  @Test
  void generateMayBeStoppedEarly() {
    GenerateCommand command = new GenerateCommand();
    Parameters.apply(command, "width=32 height=32 steps=6 sampler=ddim device=cpu");
    Impatient user = new Impatient(2);
    command.setProgress(user);
    command.run();
    ImagePlus result = command.results().get(0);
    assertEquals("generated-1-stopped-early", result.getTitle());
    assertEquals("2 of 6", Provenance.of(result).orElseThrow().get("stopped_early_at_step"));
    assertEquals("2", Provenance.of(result).orElseThrow().get("network_calls"));
    assertArrayEquals(
        (byte[]) user.picture.getProcessor().getPixels(),
        (byte[]) result.getProcessor().getPixels());
    assertEquals(32 * 32, user.x0.length);
  }

  @Test
  void severalSamplesHaveNoPreview() {
    GenerateCommand command = new GenerateCommand();
    Parameters.apply(command, "width=32 height=32 steps=2 samples=2 sampler=ddim device=cpu");
    Impatient user = new Impatient(99);
    command.setProgress(user);
    command.run();
    assertEquals(0, user.estimates);
    assertEquals("generated-1", command.results().get(0).getTitle());
  }

  @Test
  void stoppingWithoutAnEstimateCancels() {
    EarlyEnd early = new EarlyEnd();
    assertThrows(
        Cancelled.class,
        () ->
            early.run(
                () -> {
                  throw new EarlyEnd.Wanted();
                }));
    assertFalse(early.happened());
  }

  @Test
  void anInterruptedRunDoesWhatTheUserSays() {
    Tensor x = new Tensor(new Shape(1, 1, 1, 1));
    Progress esc =
        (done, total, x0) -> {
          throw new Cancelled();
        };
    // without an estimate there is nothing to ask
    LivePreview none = new LivePreview(esc, () -> LivePreview.Answer.KEEP);
    assertThrows(Cancelled.class, () -> none.onStep(1, 2, x));
    assertThrows(EarlyEnd.Wanted.class, () -> answered(esc, LivePreview.Answer.KEEP, x));
    assertThrows(Cancelled.class, () -> answered(esc, LivePreview.Answer.DISCARD, x));
    answered(esc, LivePreview.Answer.GO_ON, x);
  }

  private static void answered(Progress esc, LivePreview.Answer answer, Tensor x) {
    LivePreview live = new LivePreview(esc, () -> answer);
    live.noteEstimate();
    live.onStep(1, 2, x);
  }

  // --- dialog

  @Test
  void everyCommandHasHelpThatNamesItsKeys() {
    Commands.all()
        .forEach(
            (label, type) -> {
              String help = HelpText.of(label);
              assertTrue(help.startsWith("<html>"), label);
              for (Parameters.Setting s : Parameters.of(type)) {
                assertTrue(
                    help.contains("<code>" + s.key() + "</code>")
                        || help.contains("(<code>" + s.key()),
                    label + " " + s.key());
              }
            });
  }

  @Test
  void markdownBecomesHtml() {
    assertEquals(
        "<h2>A &lt; B</h2><p>One <code>a*b*c</code> <i>two</i> <a"
            + " href=\"https://github.com/ij-diffusion/ij-diffusion/blob/main/docs/x.md#y\">three</a></p>",
        HelpText.html("## A < B\n\nOne `a*b*c` *two*\n[three](x.md#y)"));
    assertEquals(
        "<table border=1 cellspacing=0 cellpadding=3><tr valign=top><td>k</td><td></td></tr>"
            + "<tr valign=top><td><code>a</code></td><td>1</td></tr></table>",
        HelpText.html("| k | |\n|---|---|\n| `a` | 1 |"));
    assertEquals("<ul><li>One more</li><li>Two</li></ul>", HelpText.html("- One\nmore\n- Two"));
  }

  @Test
  void lastValuesComeBackButNotThoseOfOneImage() {
    InpaintCommand defaults = new InpaintCommand();
    InpaintCommand used = new InpaintCommand();
    Parameters.apply(
        used, "steps=77 eta=0.5 planes=2-3 overlay seed=8 folder=/x in_place limits=plane");
    try {
      LastValues.remember(used, defaults);
      InpaintCommand next = new InpaintCommand();
      LastValues.recall(next);
      String options = Parameters.toOptions(next);
      assertTrue(options.contains("steps=77 "), options);
      assertTrue(options.contains("eta=0.5 "), options);
      assertTrue(options.contains("limits=plane "), options);
      assertTrue(options.contains(" overlay"), options);
      assertTrue(options.contains("planes=current "), options);
      assertTrue(options.contains("seed=1 "), options);
      assertTrue(options.contains("folder=[] "), options);
      assertFalse(options.contains("in_place"), options);
      // a value that another version allowed
      ij.Prefs.set("diffusion.last.InpaintCommand.steps", "-1");
      InpaintCommand other = new InpaintCommand();
      LastValues.recall(other);
      assertTrue(Parameters.toOptions(other).contains("steps=0 "), "" + options);
    } finally {
      LastValues.remember(defaults, defaults);
    }
    InpaintCommand fresh = new InpaintCommand();
    LastValues.recall(fresh);
    assertEquals(Parameters.toOptions(defaults), Parameters.toOptions(fresh));
  }

  @Test
  void wholeNumbersAreWrittenWithoutAPoint() {
    assertEquals("1", Parameters.text(1.0));
    assertEquals("0.25", Parameters.text(0.25));
    assertEquals("1.0E30", Parameters.text(1e30));
    assertEquals("true", Parameters.text(true));
  }
}
