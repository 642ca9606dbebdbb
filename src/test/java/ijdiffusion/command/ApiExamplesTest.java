package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ijdiffusion.Cancelled;
import ijdiffusion.card.ValueRange;
import ijdiffusion.image.GeneratedImage;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java examples of docs/api.md, compiled as they stand there and run. */
class ApiExamplesTest {
  private static final Path FILE = Path.of("docs", "api.md");

  @TempDir Path temp;

  /** The Java under a heading. */
  private static String example(String heading) throws IOException {
    Pattern block = Pattern.compile("## " + heading + "\n.*?```java\n(.*?)```", Pattern.DOTALL);
    Matcher found = block.matcher(Files.readString(FILE));
    assertTrue(found.find(), FILE + " has no example under " + heading);
    return found.group(1);
  }

  /** Compiles an example; the method gives back its variable {@code result}. */
  private Method compile(String heading) throws Exception {
    List<String> lines = example(heading).lines().toList();
    String imports =
        lines.stream().filter(l -> l.startsWith("import ")).collect(Collectors.joining("\n"));
    String body =
        lines.stream().filter(l -> !l.startsWith("import ")).collect(Collectors.joining("\n"));
    String source =
        imports
            + "\npublic class Example { public static Object run() throws Exception {\n"
            + body
            + "\nreturn result; } }";
    Path file = Files.writeString(temp.resolve("Example.java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    boolean compiled =
        compiler
            .getTask(
                said,
                null,
                null,
                List.of("-proc:none", "-cp", System.getProperty("java.class.path")),
                null,
                compiler.getStandardFileManager(null, null, null).getJavaFileObjects(file))
            .call();
    assertTrue(compiled, said.toString());
    URLClassLoader loader =
        new URLClassLoader(new URL[] {temp.toUri().toURL()}, getClass().getClassLoader());
    return loader.loadClass("Example").getMethod("run");
  }

  @Test
  void aCommandOnAnImagePlus() throws Exception {
    ImagePlus made = (ImagePlus) compile("A command on an ImagePlus").invoke(null);
    ImagePlus same =
        Runs.result("Diffusion Edit...", SampleImage.create(), "strength=0.4 steps=5 seed=1");
    Runs.assertSamePixels(same, made);
  }

  @Test
  void imagesFromNoise() throws Exception {
    Method example = compile("The engine: images from noise");
    Tensor made = (Tensor) example.invoke(null);
    GeneratedImage image = new GeneratedImage(new ValueRange(-1, 1), 64, 64);
    image.add(made, 0, "");
    ImagePlus same =
        Runs.result("Diffusion Generate...", null, "width=64 height=64 steps=10 seed=1");
    Runs.assertSamePixels(same, image.image(same.getTitle()));
    Thread.currentThread().interrupt();
    InvocationTargetException stopped =
        assertThrows(InvocationTargetException.class, () -> example.invoke(null));
    assertInstanceOf(Cancelled.class, stopped.getCause());
  }

  @Test
  void fillingAPart() throws Exception {
    Tensor made = (Tensor) compile("The engine: filling a part of an image").invoke(null);
    float[] known = new float[32 * 64];
    assertArrayEquals(known, java.util.Arrays.copyOf(made.data(), known.length));
    double largest = 0;
    for (int i = known.length; i < made.data().length; i++) {
      largest = Math.max(largest, Math.abs(made.data()[i]));
    }
    assertNotEquals(0, largest);
    assertEquals(64 * 64, made.data().length);
  }
}
