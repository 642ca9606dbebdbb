import ij.IJ;
import ij.ImageJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ijdiffusion.command.MenuPlugIn;
import ijdiffusion.command.SampleImage;
import java.awt.Button;
import java.awt.EventQueue;
import java.awt.Point;
import java.awt.Rectangle;
import java.awt.Robot;
import java.awt.Window;
import java.awt.event.ActionEvent;
import java.io.File;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import javax.imageio.ImageIO;

/**
 * What docs/screenshots.sh needs: opens each command's dialog in the real ImageJ, as the menu does,
 * and takes a picture of it. Run as a single file, {@code java -cp CLASSPATH
 * docs/screenshots/Screens.java FOLDER}.
 */
final class Screens {
  private static final int PATIENCE_SECONDS = 60;

  private static final String[] COMMANDS = {
    "Inpaint", "Edit", "Guide", "Upscale", "Denoise", "Generate", "Encode", "Interpolate"
  };

  private final File folder;
  private final Robot robot;

  private Screens(File folder) throws Exception {
    this.folder = folder;
    this.robot = new Robot();
  }

  public static void main(String[] args) throws Exception {
    Screens screens = new Screens(new File(args[0]));
    ImageJ imageJ = new ImageJ(ImageJ.NO_SHOW);
    ImagePlus image = SampleImage.create();
    image.show();
    SampleImage.create().show(); // a second image for Interpolate
    for (String command : COMMANDS) {
      WindowManager.setCurrentWindow(image.getWindow());
      screens.dialog("Diffusion " + command + "...");
    }
    screens.before(imageJ);
    System.exit(0); // the threads of AWT would keep this program alive
  }

  /** The dialog that a command opens from the menu; it is cancelled. */
  private void dialog(String label) throws Exception {
    Thread run = new Thread(() -> new MenuPlugIn().run(label), "Run$_" + label);
    run.start();
    GenericDialog dialog =
        await(
            label,
            () ->
                Arrays.stream(Window.getWindows())
                    .filter(w -> w instanceof GenericDialog && w.isShowing())
                    .map(GenericDialog.class::cast)
                    .findFirst()
                    .orElse(null));
    EventQueue.invokeAndWait(() -> dialog.setLocation(new Point(40, 40)));
    picture(label.replaceAll("Diffusion |\\.\\.\\.", ""), dialog.getBounds());
    Button cancel = dialog.getButtons()[1];
    EventQueue.invokeAndWait(
        () ->
            cancel.dispatchEvent(
                new ActionEvent(cancel, ActionEvent.ACTION_PERFORMED, cancel.getActionCommand())));
    run.join(PATIENCE_SECONDS * 1000L);
  }

  /** The windows of a first edit, side by side: the image with its selection, and the result. */
  private void before(ImageJ imageJ) throws Exception {
    IJ.run("Close All");
    ImagePlus image = SampleImage.create();
    image.show();
    MenuPlugIn.call("Diffusion Inpaint...", "model=nuclei seed=1");
    ImagePlus made = WindowManager.getCurrentImage();
    EventQueue.invokeAndWait(
        () -> {
          image.getWindow().setLocation(20, 20);
          made.getWindow().setLocation(40 + image.getWindow().getWidth(), 20);
        });
    Rectangle both = image.getWindow().getBounds().union(made.getWindow().getBounds());
    picture("windows", both);
  }

  private void picture(String name, Rectangle area) throws Exception {
    robot.waitForIdle();
    robot.delay(500);
    String file = name.toLowerCase(Locale.ROOT) + ".png";
    ImageIO.write(robot.createScreenCapture(area), "png", new File(folder, file));
    System.out.println(file);
  }

  private static <T> T await(String what, Supplier<T> there) throws InterruptedException {
    for (int i = 0; i < PATIENCE_SECONDS * 10; i++) {
      T found = there.get();
      if (found != null) {
        return found;
      }
      Thread.sleep(100); // windows come when they come; at most PATIENCE_SECONDS in all
    }
    throw new IllegalStateException("Nothing came of " + what);
  }
}
