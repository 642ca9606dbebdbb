package ijdiffusion.onnx;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Counts cores, not hardware threads: two threads of a core share its arithmetic units, and a
 * network run on both is slower than on one.
 *
 * <p>Linux tells which threads share a core. Elsewhere: ARM cores have one thread each, other
 * processors are taken to have two. Never more than the JVM may use.
 */
final class PhysicalCores {
  private static final Path LINUX = Path.of("/sys/devices/system/cpu");

  private PhysicalCores() {}

  /** Cores this process may use, at least 1. */
  static int count() {
    return count(LINUX, Runtime.getRuntime().availableProcessors(), System.getProperty("os.arch"));
  }

  static int count(Path topology, int available, String arch) {
    int cores = siblings(topology).size();
    if (cores == 0) {
      cores = arch.equals("aarch64") ? available : available / 2;
    }
    return Math.max(1, Math.min(cores, available));
  }

  /** One entry for each core: the list of its hardware threads. Empty where it is not told. */
  private static Set<String> siblings(Path topology) {
    Set<String> cores = new HashSet<>();
    if (Files.isDirectory(topology)) {
      try (DirectoryStream<Path> cpus = Files.newDirectoryStream(topology, "cpu[0-9]*")) {
        for (Path cpu : cpus) {
          Path threads = cpu.resolve("topology/thread_siblings_list");
          if (Files.isReadable(threads)) {
            cores.add(Files.readString(threads).strip());
          }
        }
      } catch (IOException e) {
        return Set.of(); // a count that only sets the speed: the fallback will do
      }
    }
    return cores;
  }
}
