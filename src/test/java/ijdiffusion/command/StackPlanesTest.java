package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.CompositeImage;
import ij.ImagePlus;
import ij.ImageStack;
import ij.VirtualStack;
import ij.gui.OvalRoi;
import ij.gui.Overlay;
import ij.gui.Roi;
import ij.plugin.FolderOpener;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.ImageProcessor;
import ijdiffusion.Cancelled;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.image.Provenance;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which planes of a stack are worked on, and that each is what a run on it alone makes. */
class StackPlanesTest {
  private static final String EDIT = EditCommand.LABEL;
  private static final String FAST = "model=gauss steps=4 strength=0.5 ";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Diffusion Edit...|model=gauss steps=4 strength=0.5 eta=1",
        "Diffusion Guide...|model=gauss steps=2 factor=4",
        "Diffusion Denoise...|model=gauss",
        "Diffusion Denoise...|model=gauss output=average samples=2 steps=3",
        "Diffusion Upscale...|model=cond-inside steps=2",
        "Diffusion Inpaint...|model=gauss steps=2 jump=1 resamplings=1 limits=stack"
      })
  void eachPlaneIsWhatARunOnItAloneMakes(String commandAndOptions) {
    String label = commandAndOptions.split("\\|", -1)[0];
    String options = commandAndOptions.split("\\|", -1)[1];
    ImagePlus image = Runs.stack(40, 36, 16, 2, 2, 2);
    if (label.contains("Inpaint")) {
      image.setRoi(new OvalRoi(8, 8, 12, 12));
    }
    ImagePlus all = Runs.result(label, image, options + " planes=all");
    assertEquals(8, all.getStackSize());
    for (int i = 1; i <= 8; i++) {
      int[] p = image.convertIndexToPosition(i);
      image.setPosition(p[0], p[1], p[2]);
      ImagePlus one = Runs.result(label, image, options + " planes=current");
      assertEquals(1, one.getStackSize());
      Runs.assertSamePlane(one, 1, all, i);
      assertEquals("plane " + i, one.getProp("Slice_Label"));
    }
  }

  @Test
  void aRangeIsThosePlanes() {
    ImagePlus image = Runs.stack(40, 36, 8, 1, 6, 1);
    ImagePlus all = Runs.result(EDIT, image, FAST + "planes=all");
    ImagePlus some = Runs.result(EDIT, image, FAST + "planes=2-4");
    assertEquals(3, some.getStackSize());
    for (int i = 2; i <= 4; i++) {
      Runs.assertSamePlane(all, i, some, i - 1);
      assertEquals("plane " + i, some.getStack().getSliceLabel(i - 1));
    }
    assertEquals("3 of 6", Provenance.of(some).orElseThrow().get("planes"));
    ImagePlus five = Runs.result(EDIT, image, FAST + "planes=5");
    Runs.assertSamePlane(all, 5, five, 1);
  }

  @Test
  void badValuesAreToldInASentence() {
    ImagePlus image = Runs.stack(40, 36, 8, 1, 3, 1);
    Runs.refused(EDIT, image, FAST + "planes=some", "planes is \"some\", but must be current, all");
    for (String planes : List.of("0-2", "2-9", "3-2", "4")) {
      Runs.refused(EDIT, image, FAST + "planes=" + planes, "has planes 1 to 3");
    }
    for (String percentiles : List.of("x", "5", "99-1", "1-101", "50-50")) {
      String message = Runs.refused(EDIT, image, FAST + "percentiles=" + percentiles);
      assertTrue(message.startsWith("percentiles is \"" + percentiles + "\""), message);
    }
    Runs.refused(EDIT, image, FAST + "tile=-1", "tile is -1");
    Runs.refused(EDIT, image, FAST + "tile=32 overlap=32", "overlap is 32");
    Runs.refused(EDIT, image, "model=nuclei steps=4 tile=30", "tile is 30");
    Runs.refused(EDIT, image, "model=nuclei steps=4 tile=64 overlap=5", "overlap is 5");
  }

  @Test
  void aFolderMustBeNewOrEmpty() throws IOException {
    ImagePlus image = Runs.stack(40, 36, 8, 1, 3, 1);
    Path file = Files.writeString(folder.resolve("notes.txt"), "mine");
    Runs.refused(EDIT, image, FAST + "folder=[" + folder + "]", "holds files already");
    Runs.refused(EDIT, image, FAST + "folder=[" + file + "]", "cannot be made or read");
    Runs.refused(EDIT, image, FAST + "folder=[" + file + "/x]", "cannot be made or read");
    assertEquals("mine", Files.readString(file));
  }

  @Test
  void inPlaceIsForOnePlaneAndOneSample() {
    ImagePlus image = Runs.stack(40, 36, 8, 1, 3, 1);
    image.setRoi(new OvalRoi(8, 8, 12, 12));
    String inPlace = "model=gauss steps=2 jump=1 resamplings=1 in_place ";
    Runs.refused(InpaintCommand.LABEL, image, inPlace + "planes=all", "planes=all are 3");
    Runs.refused(InpaintCommand.LABEL, image, inPlace + "samples=2", "in_place needs samples=1");
    Runs.refused(InpaintCommand.LABEL, image, inPlace + "folder=x", "in_place writes into");
    ImagePlus composite = Runs.stack(40, 36, 8, 3, 1, 1);
    composite.setRoi(new OvalRoi(8, 8, 12, 12));
    String message =
        Runs.refused(InpaintCommand.LABEL, composite, inPlace.replace("gauss", "gauss-rgb"));
    assertTrue(message.endsWith("planes=current are 3; leave in_place out."), message);
  }

  /** Planes that count how often they are read, and how many are alive. */
  private static final class Counting extends VirtualStack {
    private final int depth;
    private final int[] reads;
    private final List<WeakReference<ImageProcessor>> given = new ArrayList<>();
    private long most;

    Counting(int planes, int depth) {
      super(40, 36, planes, depth + "-bit");
      this.depth = depth;
      this.reads = new int[planes];
    }

    @Override
    public ImageProcessor getProcessor(int n) {
      reads[n - 1]++;
      ImageProcessor ip = Runs.plane(40, 36, depth, n);
      System.gc();
      given.add(new WeakReference<>(ip));
      most = Math.max(most, given.stream().filter(r -> r.get() != null).count());
      return ip;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 32})
  void aVirtualStackIsStreamedIntoAFolder(int depth) throws IOException {
    Counting planes = new Counting(8, depth);
    ImagePlus image = new ImagePlus("big.tif", planes);
    image.setDimensions(1, 4, 2);
    image.setOpenAsHyperStack(true);
    Arrays.fill(planes.reads, 0);
    planes.given.clear();
    Path out = folder.resolve("new/planes");
    ImagePlus made = Runs.result(EDIT, image, FAST + "planes=all folder=[" + out + "]");
    assertTrue(planes.most <= 3, planes.most + " planes alive at once");
    int each = depth == 32 ? 3 : 2; // percentiles of 32-bit values take two rounds
    for (int n : planes.reads) {
      assertEquals(each, n);
    }
    assertTrue(made.getStack().isVirtual());
    assertArrayEquals(image.getDimensions(), made.getDimensions());
    try (var files = Files.list(out)) {
      assertEquals(8, files.count());
    }
    ImagePlus inMemory = Runs.result(EDIT, image, FAST + "planes=all");
    assertFalse(inMemory.getStack().isVirtual());
    Runs.assertSamePixels(inMemory, made);
  }

  @Test
  void planesInAFolderKeepTypeAndLabelsAndOpenAgain() {
    ImagePlus image = Runs.stack(40, 36, 16, 2, 2, 1);
    Path out = folder.resolve("planes");
    ImagePlus made = Runs.result(EDIT, image, FAST + "planes=all folder=[" + out + "]");
    assertInstanceOf(CompositeImage.class, made);
    for (int i = 1; i <= 4; i++) {
      assertEquals("plane " + i, made.getStack().getSliceLabel(i));
    }
    ImagePlus again = FolderOpener.open(out.toString(), "virtual");
    Runs.assertSamePixels(made, again);
    ImagePlus twice = Runs.result(EDIT, again, "model=gauss strength=0 planes=all");
    Runs.assertSamePixels(made, twice);
  }

  @Test
  void aThreeChannelModelSeesTheChannelsOfAPositionTogether() {
    ImagePlus image = Runs.stack(40, 36, 8, 3, 2, 1);
    String options = FAST + "limits=display ";
    String model = options.replace("gauss", "gauss-rgb");
    for (int c = 1; c <= 3; c++) {
      image.setPosition(c, 1, 1);
      image.setDisplayRange(0, 255);
    }
    ImagePlus made = Runs.result(EDIT, image, model + "planes=all");
    assertEquals("4", Provenance.of(made).orElseThrow().get("network_calls"));
    image.setPosition(2, 2, 1);
    ImagePlus current = Runs.result(EDIT, image, model);
    CompositeImage composite = assertInstanceOf(CompositeImage.class, current);
    assertEquals(3, composite.getNChannels());
    for (int c = 1; c <= 3; c++) {
      Runs.assertSamePlane(made, 3 + c, current, c);
      assertEquals(
          ((CompositeImage) image).getChannelLut(c).getRGB(200),
          composite.getChannelLut(c).getRGB(200));
    }
    // the same pixels as RGB
    ImagePlus rgb = new ImagePlus("rgb", new ColorProcessor(40, 36));
    for (int c = 1; c <= 3; c++) {
      ((ColorProcessor) rgb.getProcessor())
          .setChannel(c, (ByteProcessor) image.getStack().getProcessor(c));
    }
    ImagePlus coloured = Runs.result(EDIT, rgb, model);
    for (int c = 1; c <= 3; c++) {
      byte[] expected = (byte[]) made.getStack().getPixels(c);
      assertArrayEquals(expected, ((ColorProcessor) coloured.getProcessor()).getChannel(c));
    }
    Runs.refused(EDIT, image, model + "planes=1-4", "takes apart the 3 channels");
  }

  @Test
  void channelsThatDoNotFitAreNamed() {
    String model = FAST.replace("gauss", "gauss-rgb");
    Runs.refused(EDIT, Runs.stack(40, 36, 8, 1, 1, 1), model, "3 channels, but this one has 1");
    Runs.refused(EDIT, Runs.stack(40, 36, 8, 2, 1, 1), model, "3 channels, but this one has 2");
  }

  @Test
  void limitsAreThoseOfEachChannelOverTheStackAndAreStated() {
    ImagePlus image = Runs.stack(40, 36, 16, 2, 3, 1);
    ImagePlus one = Runs.result(EDIT, image, FAST + "percentiles=2-98");
    for (int c = 1; c <= 2; c++) {
      float[] values = new float[3 * 40 * 36];
      for (int z = 0; z < 3; z++) {
        for (int i = 0; i < 40 * 36; i++) {
          values[z * 40 * 36 + i] = image.getStack().getProcessor(2 * z + c).getf(i);
        }
      }
      IntensityRange expected = IntensityRange.ofPercentiles(values, 2, 98, 0, -1, 1);
      assertEquals(expected, Runs.range(one, "range_" + c));
    }
    assertEquals("2.0 and 98.0 percentile of stack", field(one, "limits"));
    ImagePlus tiled = Runs.result(EDIT, image, FAST + "percentiles=2-98 tile=32 overlap=8");
    assertEquals(Runs.range(one, "range_1"), Runs.range(tiled, "range_1"));
    Runs.assertSamePixels(one, tiled); // the exact network looks at single pixels
    assertTrue(field(tiled, "tiles").matches("[0-9]+ tiles of 32 x 32 pixels, overlap 8"));
    ImagePlus each = Runs.result(EDIT, image, FAST + "planes=all limits=plane");
    assertEquals("each plane its own", field(each, "range"));
    ImagePlus shown = Runs.result(EDIT, image, FAST + "limits=display");
    assertEquals("display range", field(shown, "limits"));
  }

  @Test
  void eachChannelGoesByItsOwnLimits() {
    ImagePlus image = Runs.stack(40, 36, 16, 2, 2, 1);
    ImageStack second = new ImageStack(40, 36);
    for (int z = 1; z <= 2; z++) {
      image.getStack().getProcessor(2 * z).multiply(0.1);
      second.addSlice(image.getStack().getProcessor(2 * z).duplicate());
    }
    ImagePlus both = Runs.result(EDIT, image, FAST + "planes=all");
    ImagePlus alone = Runs.result(EDIT, new ImagePlus("second", second), FAST + "planes=all");
    Runs.assertSamePlane(alone, 1, both, 2);
    Runs.assertSamePlane(alone, 2, both, 4);
  }

  private static String field(ImagePlus made, String key) {
    return Provenance.of(made).orElseThrow().get(key);
  }

  @Test
  void overlaysFollowTheirPlanes() {
    ImagePlus image = Runs.stack(40, 36, 8, 2, 3, 2);
    Roi onSecond = new Roi(1, 1, 5, 5);
    onSecond.setPosition(2, 2, 1); // stack index 4
    Roi everywhere = new Roi(9, 9, 5, 5);
    Roi secondChannel = new Roi(20, 9, 5, 5);
    secondChannel.setPosition(2, 0, 0);
    Overlay overlay = new Overlay(onSecond);
    overlay.add(everywhere);
    overlay.add(secondChannel);
    image.setOverlay(overlay);
    ImagePlus some = Runs.result(EDIT, image, FAST + "planes=4-5");
    assertEquals(2, some.getStackSize());
    Overlay kept = some.getOverlay();
    assertEquals(3, kept.size());
    assertEquals(1, kept.get(0).getPosition());
    assertEquals(0, kept.get(1).getPosition());
    assertEquals(1, kept.get(2).getPosition());
    ImagePlus other = Runs.result(EDIT, image, FAST + "planes=5");
    assertEquals(1, other.getOverlay().size());
    assertEquals(9, other.getOverlay().get(0).getBounds().x);
    ImagePlus samples = Runs.result(EDIT, image, FAST + "planes=all samples=2");
    List<Integer> frames = new ArrayList<>();
    for (Roi roi : samples.getOverlay()) {
      if (roi.getBounds().x == 1) {
        assertEquals(2, roi.getCPosition());
        assertEquals(2, roi.getZPosition());
        frames.add(roi.getTPosition());
      }
    }
    assertEquals(List.of(1, 3), frames);
  }

  @Test
  void aCancelledRunLeavesNothingInTheFolder() throws IOException {
    ImagePlus image = Runs.stack(64, 64, 8, 1, 3, 1);
    Path out = folder.resolve("cancelled");
    String options = FAST + "planes=all folder=[" + out + "]";
    DiffusionCommand command = Runs.command(EDIT, image, options);
    List<Integer> filesSeen = new ArrayList<>();
    command.setProgress(
        (done, total, x0) -> {
          filesSeen.add(out.toFile().list().length);
          if (done == total) {
            throw new Cancelled();
          }
        });
    assertThrows(Cancelled.class, command::run);
    assertEquals(2, Collections.max(filesSeen), "planes written before");
    assertEquals(0, out.toFile().list().length);
    assertEquals(3, Runs.result(EDIT, image, options).getStackSize(), "and it can be run again");
  }
}
