package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What an ONNX file says about its inputs and outputs, for models without a card: a look at the few
 * fields of the protocol buffer that hold it (onnx.proto, ModelProto to TensorShapeProto), over the
 * weights, which are not read. When the network is opened, the runtime's own reading is held
 * against the card made of this.
 *
 * @param inputs without those that are weights
 * @param outputs in the order of the file
 * @param externalData the other files that weights lie in, as written, each once; empty text for
 *     one that is not named
 */
record OnnxHeader(List<Value> inputs, List<Value> outputs, List<String> externalData) {
  /** Number of the element type float32. */
  static final int FLOAT32 = 1;

  /** Number of the element type int64. */
  static final int INT64 = 7;

  /** Number of the element type float16. */
  static final int FLOAT16 = 10;

  /**
   * An input or output.
   *
   * @param name as in the file
   * @param type number of its element type, 0 where it is no tensor
   * @param shape length of each dimension, -1 where it is free; empty as well where nothing is said
   */
  record Value(String name, int type, List<Long> shape) {}

  /** Reads the header of a file. */
  static OnnxHeader read(Path file) {
    try (ProtoReader in = ProtoReader.open(file)) {
      if (in.size() == 0) {
        throw CardFile.empty(file);
      }
      Reading reading = new Reading(in);
      reading.model();
      reading.inputs.removeIf(value -> reading.weights.contains(value.name));
      return new OnnxHeader(
          List.copyOf(reading.inputs),
          List.copyOf(reading.outputs),
          List.copyOf(reading.externalData));
    } catch (ProtoReader.Malformed e) {
      throw new DiffusionException(
          "Model file "
              + Weights.show(file)
              + " is not an ONNX model or is damaged ("
              + e.getMessage()
              + "); get another copy of the model.",
          e);
    } catch (IOException e) {
      throw new DiffusionException(
          "Model file " + Weights.show(file) + " cannot be read: " + e.getMessage() + ".", e);
    }
  }

  /** Walks through the messages, whose fields may come in any order. */
  private static final class Reading {
    private final ProtoReader in;
    private final List<Value> inputs = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private final Set<String> weights = new HashSet<>();
    private final Set<String> externalData = new LinkedHashSet<>();
    private boolean graph;

    Reading(ProtoReader in) {
      this.in = in;
    }

    private void model() throws IOException {
      in.message(
          in.size(),
          (field, length) -> {
            boolean isGraph = field == 7 && length >= 0;
            if (isGraph) {
              graph = true;
              in.message(length, this::graphField);
            }
            return isGraph;
          });
      if (!graph) {
        throw new ProtoReader.Malformed("it has no graph");
      }
    }

    private boolean graphField(int field, long length) throws IOException {
      if (length < 0) {
        return false;
      }
      switch (field) {
        case 5 -> weight(length);
        case 11 -> inputs.add(value(length));
        case 12 -> outputs.add(value(length));
        default -> {
          return false;
        }
      }
      return true;
    }

    private void weight(long length) throws IOException {
      boolean[] elsewhere = {false};
      String[] location = {""};
      in.message(
          length,
          (field, size) -> {
            if (field == 8 && size >= 0) {
              weights.add(in.text(size));
              return true;
            }
            if (field == 13 && size >= 0) {
              elsewhere[0] = true;
              entry(size, location);
              return true;
            }
            if (field == 14 && size < 0) {
              // TensorProto.DataLocation: 0 inside, 1 external
              elsewhere[0] |= in.number() == 1;
              return true;
            }
            return false;
          });
      if (elsewhere[0]) {
        externalData.add(location[0]);
      }
    }

    /** A StringStringEntryProto of external_data; the one called location names the file. */
    private void entry(long length, String[] location) throws IOException {
      String[] entry = {"", ""};
      in.message(
          length,
          (field, size) -> {
            boolean text = (field == 1 || field == 2) && size >= 0;
            if (text) {
              entry[field - 1] = in.text(size);
            }
            return text;
          });
      if (entry[0].equals("location")) {
        location[0] = entry[1];
      }
    }

    private Value value(long length) throws IOException {
      String[] name = {""};
      int[] type = {0};
      List<Long> shape = new ArrayList<>();
      in.message(
          length,
          (field, size) -> {
            if (field == 1 && size >= 0) {
              name[0] = in.text(size);
              return true;
            }
            if (field == 2 && size >= 0) {
              // TypeProto; its field 1 is a tensor
              in.message(size, (kind, n) -> kind == 1 && n >= 0 && tensor(n, type, shape));
              return true;
            }
            return false;
          });
      return new Value(name[0], type[0], List.copyOf(shape));
    }

    private boolean tensor(long length, int[] type, List<Long> shape) throws IOException {
      in.message(
          length,
          (field, size) -> {
            if (field == 1 && size < 0) {
              type[0] = (int) in.number();
              return true;
            }
            if (field == 2 && size >= 0) {
              in.message(size, (each, n) -> each == 1 && n >= 0 && dimension(n, shape));
              return true;
            }
            return false;
          });
      return true;
    }

    private boolean dimension(long length, List<Long> shape) throws IOException {
      long[] found = {-1};
      in.message(
          length,
          (field, size) -> {
            boolean isNumber = field == 1 && size < 0;
            if (isNumber) {
              found[0] = in.number();
            }
            return isNumber;
          });
      shape.add(found[0] > 0 ? found[0] : -1L);
      return true;
    }
  }
}
