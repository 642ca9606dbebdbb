package ijdiffusion.gpu;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.command.CheckSetup;
import ijdiffusion.command.DeviceEdits;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that only a machine with a CUDA device can tell: exact networks, single calls and all
 * commands on the device against the CPU; time, memory and use. Started by {@code
 * scripts/gpu-check.sh}, which says what its options are. With {@code device=cpu} it does the same
 * with the CPU in the device's place; all differences must then be 0.
 */
public final class GpuCheck {
  private static final String TF32 = "diffusion.cuda.tf32";

  private final Map<String, String> options;
  private final Device device;
  private final Rows rows;
  private final Path fixtures;

  private GpuCheck(Map<String, String> options, Device device, Path out) throws IOException {
    this.options = options;
    this.device = device;
    this.fixtures = Path.of(options.getOrDefault("fixtures", "src/test/resources/models"));
    this.rows = new Rows(out.resolve("gpu-check.csv"));
  }

  /**
   * Runs the check.
   *
   * @param args {@code key=value}: device (cuda), out (target/gpu-check), fixtures, models (nuclei;
   *     names or folders, separated by commas), side (128) and steps (20) of the commands, repeats
   *     (20) of timings, batches (1x64,1x256,8x256,32x256,1x512), torch (a CSV to add)
   */
  public static void main(String[] args) throws IOException {
    Map<String, String> options = new HashMap<>();
    for (String arg : args) {
      int at = arg.indexOf('=');
      options.put(arg.substring(0, at), arg.substring(at + 1));
    }
    Device device = Device.parse(options.getOrDefault("device", "cuda"));
    Path out = Files.createDirectories(Path.of(options.getOrDefault("out", "target/gpu-check")));
    try {
      OnnxPredictor.open(model("nuclei"), device, 0).close();
    } catch (DiffusionException e) {
      System.err.println(
          device == Device.CUDA ? "There is no CUDA device to check: " + e.getMessage() : e);
      System.exit(2); // the script that started this program tells the two apart
    }
    GpuCheck check = new GpuCheck(options, device, out);
    check.all();
    CheckReport.write(check.rows, machine(), out.resolve("performance-cuda.md"));
    System.out.println("Written: " + out.resolve("performance-cuda.md"));
    System.exit(0); // threads of ImageJ would keep this program alive
  }

  private static List<String> machine() {
    List<String> lines = new ArrayList<>();
    lines.add("Date: " + LocalDate.now(ZoneId.systemDefault()));
    CheckSetup.report()
        .lines()
        .filter(l -> l.matches("(System|ONNX Runtime|Java|Device|CUDA|NVIDIA|Diffusion for).*"))
        .map(l -> l.replaceAll(", from (file:)?\\S+", ""))
        .forEach(lines::add);
    return lines;
  }

  private static ModelCard model(String name) {
    return ModelCatalogue.standard(List.of()).find(name);
  }

  private int number(String key, int usual) {
    return Integer.parseInt(options.getOrDefault(key, Integer.toString(usual)));
  }

  private void all() throws IOException {
    for (String tf32 : new String[] {"false", "true"}) {
      System.setProperty(TF32, tf32);
      compare("TF32 " + (tf32.equals("true") ? "on" : "off"));
    }
    System.clearProperty(TF32);
    try (CardMonitor monitor = new CardMonitor()) {
      times(new DeviceTimes(rows, monitor, number("repeats", 20)));
    }
    String torch = options.getOrDefault("torch", "");
    if (!torch.isEmpty()) {
      rows.addAll(Path.of(torch));
    }
  }

  private void compare(String setting) throws IOException {
    DeviceOracles oracles = new DeviceOracles(device, setting, rows);
    for (String name : DeviceOracles.EXACT) {
      oracles.exact(ModelCardReader.read(fixtures.resolve(name)), name);
    }
    for (String name : DeviceOracles.CONDITIONAL) {
      oracles.againstCpu(ModelCardReader.read(fixtures.resolve(name)), name, 48);
    }
    int side = number("side", 128);
    for (String name : models()) {
      oracles.againstCpu(model(name), name, side);
    }
    oracles.againstCpu(model("nuclei-sr4"), "nuclei-sr4", side);
    new DeviceEdits(fixtures, side, number("steps", 20), rows).compare(device.toString(), setting);
  }

  private List<String> models() {
    return List.of(options.getOrDefault("models", "nuclei").split(","));
  }

  private void times(DeviceTimes times) {
    ModelCard trivial = ModelCardReader.read(fixtures.resolve("gauss"));
    List<Device> both = device == Device.CPU ? List.of(device) : List.of(Device.CPU, device);
    for (String name : models()) {
      times.opening(model(name), name, device, device.toString());
    }
    for (String batch :
        options.getOrDefault("batches", "1x64,1x256,8x256,32x256,1x512").split(",")) {
      int images = Integer.parseInt(batch.split("x")[0]);
      int side = Integer.parseInt(batch.split("x")[1]);
      for (String name : models()) {
        for (Device where : both) {
          times.measure(model(name), name, where, "TF32 off", images, side);
        }
        System.setProperty(TF32, "true");
        times.measure(model(name), name, device, "TF32 on", images, side);
        System.clearProperty(TF32);
      }
      // a network that does next to nothing: what sending states up and down costs
      times.measure(trivial, "copies only", device, "TF32 off", images, side);
    }
  }
}
