package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** YAML from strangers: maps, lists and texts, nothing that runs or explodes. */
final class CardYaml {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_DEPTH = 32;
  private static final int MAX_ALIASES = 10;

  private CardYaml() {}

  /** The document in a file, {@code null} when it is empty. */
  static Object load(Path file) throws IOException {
    return parse(decode(read(file)));
  }

  /** The same of JSON, which is YAML but for its tabs; they stand between its texts only. */
  static Object loadJson(Path file) throws IOException {
    return parse(decode(read(file)).replace('\t', ' '));
  }

  private static Object parse(String text) {
    try {
      return yaml().load(text);
    } catch (MarkedYAMLException e) {
      String where =
          e.getProblemMark() == null ? "" : ", line " + (e.getProblemMark().getLine() + 1);
      throw new DiffusionException("it is not valid YAML" + where + ": " + e.getProblem() + ".", e);
    } catch (YAMLException e) {
      throw new DiffusionException("it is not valid YAML: " + e.getMessage() + ".", e);
    }
  }

  private static byte[] read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new DiffusionException("it is larger than 1 MB.");
      }
      return bytes;
    }
  }

  private static String decode(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new DiffusionException("it is not a text file in UTF-8.", e);
    }
  }

  private static Yaml yaml() {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setAllowRecursiveKeys(false);
    options.setMaxAliasesForCollections(MAX_ALIASES);
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setCodePointLimit(MAX_BYTES);
    return new Yaml(
        new SafeConstructor(options),
        new Representer(new DumperOptions()),
        new DumperOptions(),
        options,
        new TextResolver());
  }

  /** Leaves every untagged scalar a text; see {@link Fields}. */
  private static final class TextResolver extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      // none: 1e-4 is a text in YAML 1.1 and a number in 1.2, so we do not ask YAML
    }
  }
}
