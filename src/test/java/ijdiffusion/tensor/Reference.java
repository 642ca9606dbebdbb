package ijdiffusion.tensor;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reference numbers of src/test/resources/reference; each file says where its numbers are from. */
public final class Reference {
  private Reference() {}

  /** A whole file, by its name without ".json". */
  public static JsonObject load(String name) {
    String path = "/reference/" + name + ".json";
    try (InputStream in = Reference.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("No test resource " + path);
      }
      Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8);
      return JsonParser.parseReader(reader).getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The numbers of a JSON list. */
  public static double[] doubles(JsonElement list) {
    JsonArray array = list.getAsJsonArray();
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).getAsDouble();
    }
    return values;
  }

  /** The whole numbers of a JSON list. */
  public static int[] ints(JsonElement list) {
    JsonArray array = list.getAsJsonArray();
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).getAsInt();
    }
    return values;
  }
}
