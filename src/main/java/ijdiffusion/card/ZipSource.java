package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A BioImage.IO package: a zip file with the card at its top, or in the one folder at its top.
 * Nothing is believed that the file says of its sizes; bytes are counted as they come.
 */
final class ZipSource implements ModelSource {
  private static final String ENDING = ".zip";
  private static final int CHUNK = 1 << 16;

  @Override
  public boolean accepts(Path source) {
    return Files.isRegularFile(source)
        && source.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(ENDING);
  }

  @Override
  public String name(Path source) {
    String name = source.getFileName().toString();
    return name.substring(0, name.length() - ENDING.length());
  }

  @Override
  public void unpack(Path source, Path into) throws IOException {
    List<ZipDirectory.Entry> directory = ZipDirectory.read(source);
    for (ZipDirectory.Entry entry : directory) {
      check(entry);
    }
    try (ZipFile zip = new ZipFile(source.toFile())) {
      List<ZipEntry> entries = new ArrayList<>();
      zip.stream().forEach(entries::add);
      List<String> names = entries.stream().map(ZipEntry::getName).toList();
      if (!names.equals(directory.stream().map(ZipDirectory.Entry::name).toList())) {
        throw new DiffusionException("its directory can be read in two ways");
      }
      unpack(zip, entries, commonFolder(names), into, InstallLimits.zipped(Files.size(source)));
    } catch (ZipException e) {
      throw new DiffusionException("it is not a zip file or is damaged: " + e.getMessage(), e);
    }
  }

  private static void check(ZipDirectory.Entry entry) {
    if (entry.encrypted()) {
      throw new DiffusionException(
          "its entry \"" + entry.name() + "\" is encrypted; make a zip file without a password");
    }
    if (entry.link()) {
      throw new DiffusionException(
          "its entry \"" + entry.name() + "\" is a link, which a model must not hold");
    }
  }

  /** The folder that all is in, with its slash; empty where there is none. */
  private static String commonFolder(List<String> names) {
    String common = null;
    for (String name : names) {
      if (!InstallLimits.isIgnored(name)) {
        String top = name.substring(0, name.indexOf('/') + 1);
        if (common != null && !common.equals(top)) {
          return "";
        }
        common = top;
      }
    }
    return common == null ? "" : common;
  }

  private static void unpack(
      ZipFile zip, List<ZipEntry> entries, String top, Path into, InstallLimits limits)
      throws IOException {
    for (ZipEntry entry : entries) {
      String path = limits.entry(entry.getName());
      if (InstallLimits.isIgnored(entry.getName()) || path.length() < top.length()) {
        continue;
      }
      Path target = into.resolve(path.substring(top.length())).normalize();
      if (!target.startsWith(into)) {
        throw new DiffusionException("its entry \"" + entry.getName() + "\" leads out of it");
      }
      if (entry.isDirectory()) {
        Files.createDirectories(target);
      } else {
        Files.createDirectories(target.getParent());
        copy(zip, entry, target, limits);
      }
    }
  }

  private static void copy(ZipFile zip, ZipEntry entry, Path target, InstallLimits limits)
      throws IOException {
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = zip.getInputStream(entry);
        OutputStream out = Files.newOutputStream(target)) {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        limits.add(n);
        out.write(chunk, 0, n);
      }
    }
  }
}
