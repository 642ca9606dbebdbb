package ijdiffusion.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the weights that an ONNX file keeps in other files, before the runtime sees it: the runtime
 * would open whatever path is written there. Walks the fields of the protocol buffer (numbers from
 * onnx.proto) wherever a tensor may stand, and reads nothing else.
 *
 * <p>Stricter than a protobuf parser: what it cannot read is refused, and a tensor counts as
 * external when either its {@code data_location} or an entry of {@code external_data} says so,
 * since parsers merge a message that is written in two pieces.
 */
final class OnnxFile {
  /** Deeper than any graph nests; protobuf's own limit is 100. */
  private static final int MAX_DEPTH = 100;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;
  private static final int EXTERNAL = 1;

  /** A message that may hold tensors. */
  private enum Kind {
    MODEL,
    GRAPH,
    NODE,
    ATTRIBUTE,
    SPARSE,
    FUNCTION,
    TRAINING,
    TENSOR
  }

  private static final Map<Kind, Map<Integer, Kind>> CHILDREN =
      Map.of(
          Kind.MODEL, Map.of(7, Kind.GRAPH, 20, Kind.TRAINING, 25, Kind.FUNCTION),
          Kind.GRAPH, Map.of(1, Kind.NODE, 5, Kind.TENSOR, 15, Kind.SPARSE),
          Kind.NODE, Map.of(5, Kind.ATTRIBUTE),
          Kind.ATTRIBUTE,
              Map.of(
                  5,
                  Kind.TENSOR,
                  6,
                  Kind.GRAPH,
                  10,
                  Kind.TENSOR,
                  11,
                  Kind.GRAPH,
                  22,
                  Kind.SPARSE,
                  23,
                  Kind.SPARSE),
          Kind.SPARSE, Map.of(1, Kind.TENSOR, 2, Kind.TENSOR),
          Kind.FUNCTION, Map.of(7, Kind.NODE, 11, Kind.ATTRIBUTE),
          Kind.TRAINING, Map.of(1, Kind.GRAPH, 2, Kind.GRAPH),
          Kind.TENSOR, Map.of());

  /**
   * A tensor that is in another file.
   *
   * @param name in the graph
   * @param type of its elements, a number of onnx.proto's TensorProto.DataType
   * @param shape lengths of its axes
   * @param location the file, as written
   * @param offset of its first byte, as written; empty for 0
   * @param length in bytes, as written; empty where it is not
   * @param replaceable whether it is an initializer of the outermost graph, the only ones that the
   *     runtime takes from memory
   */
  record External(
      String name,
      int type,
      long[] shape,
      String location,
      String offset,
      String length,
      boolean replaceable) {}

  /** What is wrong with a file, in a few words. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String message) {
      super(message);
    }
  }

  private final ByteBuffer in;
  private final List<External> found = new ArrayList<>();

  private OnnxFile(ByteBuffer in) {
    this.in = in;
  }

  /**
   * The tensors that are in other files.
   *
   * @param model the bytes of the file; its position is left as it is
   */
  static List<External> externals(ByteBuffer model) throws Malformed {
    ByteBuffer in = model.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int start = in.position();
    if (in.remaining() >= 8 && in.getInt(start + 4) == 0x4D54524F) { // ORTM
      throw new Malformed("Error: it is in ONNX Runtime's own format, not ONNX");
    }
    OnnxFile file = new OnnxFile(in);
    file.walk(Kind.MODEL, in.limit(), 0, false);
    Set<String> names = new HashSet<>();
    for (External tensor : file.found) {
      if (tensor.replaceable && !names.add(tensor.name)) {
        throw new Malformed("Error: it has two tensors of the name " + tensor.name);
      }
    }
    return file.found;
  }

  private void walk(Kind kind, int end, int depth, boolean outermost) throws Malformed {
    if (depth > MAX_DEPTH) {
      throw new Malformed("Error: it is nested more than " + MAX_DEPTH + " deep");
    }
    Map<Integer, Kind> children = CHILDREN.get(kind);
    while (in.position() < end) {
      long tag = varint(end);
      Kind child = (tag & 7) == BYTES ? children.get((int) (tag >>> 3)) : null;
      if (child == null) {
        skip(tag, end);
        continue;
      }
      int childEnd = lengthDelimited(end);
      if (child == Kind.TENSOR) {
        tensor(childEnd, outermost && kind == Kind.GRAPH);
      } else {
        walk(child, childEnd, depth + 1, kind == Kind.MODEL && child == Kind.GRAPH);
      }
      in.position(childEnd);
    }
  }

  private void tensor(int end, boolean replaceable) throws Malformed {
    String name = "";
    String location = "";
    String offset = "";
    String length = "";
    int type = 0;
    boolean external = false;
    List<Long> shape = new ArrayList<>();
    while (in.position() < end) {
      long tag = varint(end);
      if (tag == (1 << 3 | VARINT)) {
        shape.add(varint(end));
      } else if (tag == (1 << 3 | BYTES)) {
        int packed = lengthDelimited(end);
        while (in.position() < packed) {
          shape.add(varint(packed));
        }
      } else if (tag == (2 << 3 | VARINT)) {
        type = (int) varint(end);
      } else if (tag == (8 << 3 | BYTES)) {
        name = text(end);
      } else if (tag == (14 << 3 | VARINT)) {
        external |= varint(end) == EXTERNAL;
      } else if (tag == (13 << 3 | BYTES)) {
        external = true;
        String[] entry = entry(lengthDelimited(end));
        switch (entry[0]) {
          case "location" -> location = once(location, entry);
          case "offset" -> offset = once(offset, entry);
          case "length" -> length = once(length, entry);
          default -> {
            // a checksum, or what a tool noted; SHA-256 of the whole file is checked
          }
        }
      } else {
        skip(tag, end);
      }
    }
    if (external) {
      long[] lengths = shape.stream().mapToLong(Long::longValue).toArray();
      found.add(new External(name, type, lengths, location, offset, length, replaceable));
    }
  }

  private static String once(String before, String[] entry) throws Malformed {
    if (!before.isEmpty()) {
      throw new Malformed("Error: a tensor has two of external_data's " + entry[0]);
    }
    return entry[1];
  }

  /** Key and value of a StringStringEntryProto. */
  private String[] entry(int end) throws Malformed {
    String[] entry = {"", ""};
    while (in.position() < end) {
      long tag = varint(end);
      if (tag == (1 << 3 | BYTES)) {
        entry[0] = text(end);
      } else if (tag == (2 << 3 | BYTES)) {
        entry[1] = text(end);
      } else {
        skip(tag, end);
      }
    }
    return entry;
  }

  private String text(int end) throws Malformed {
    byte[] bytes = new byte[lengthDelimited(end) - in.position()];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Where a field that starts here with its length ends. */
  private int lengthDelimited(int end) throws Malformed {
    long length = varint(end);
    if (length < 0 || length > end - in.position()) {
      throw damaged();
    }
    return in.position() + (int) length;
  }

  private void skip(long tag, int end) throws Malformed {
    if (tag >>> 3 == 0 || tag >>> 32 != 0) {
      throw damaged();
    }
    switch ((int) (tag & 7)) {
      case VARINT -> varint(end);
      case FIXED64 -> forward(8, end);
      case BYTES -> in.position(lengthDelimited(end));
      case FIXED32 -> forward(4, end);
      default -> throw damaged();
    }
  }

  private void forward(int bytes, int end) throws Malformed {
    if (bytes > end - in.position()) {
      throw damaged();
    }
    in.position(in.position() + bytes);
  }

  private long varint(int end) throws Malformed {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (in.position() >= end) {
        throw damaged();
      }
      byte b = in.get();
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw damaged();
  }

  private Malformed damaged() {
    return new Malformed("Error in the protobuf at byte " + in.position());
  }
}
