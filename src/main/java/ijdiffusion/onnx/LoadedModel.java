package ijdiffusion.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardFile;
import ijdiffusion.card.Weights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A network in memory, the weights that lie in another file with it. The bytes that were hashed are
 * the bytes the runtime gets: it is given no path, so it opens no file, and nobody can change one
 * between check and use.
 */
final class LoadedModel implements AutoCloseable {
  /** Elements of the types that the runtime takes from Java, by their numbers in onnx.proto. */
  private static final Map<Integer, OnnxJavaType> TYPES =
      Map.of(
          1, OnnxJavaType.FLOAT,
          2, OnnxJavaType.UINT8,
          3, OnnxJavaType.INT8,
          5, OnnxJavaType.INT16,
          6, OnnxJavaType.INT32,
          7, OnnxJavaType.INT64,
          9, OnnxJavaType.BOOL,
          10, OnnxJavaType.FLOAT16,
          11, OnnxJavaType.DOUBLE,
          16, OnnxJavaType.BFLOAT16);

  private final Weights weights;
  private final ByteBuffer network;
  private final Map<String, OnnxTensorLike> external = new HashMap<>();

  /** A tensor, and where in the file its bytes are. */
  private record Piece(OnnxFile.External tensor, OnnxJavaType type, long offset, ByteBuffer bytes) {
    /** Takes what a piece of the file has of it. */
    void take(byte[] from, int length, long position) {
      long start = Math.max(offset, position);
      long end = Math.min(offset + bytes.capacity(), position + length);
      if (start < end) {
        bytes.put((int) (start - offset), from, (int) (start - position), (int) (end - start));
      }
    }
  }

  private LoadedModel(Weights weights) {
    this.weights = weights;
    this.network = weights.load();
  }

  /**
   * Reads and checks all files of a network.
   *
   * @throws DiffusionException when a file is not what the card describes, is not ONNX, or names
   *     other files than the card
   */
  static LoadedModel load(Weights weights, OrtEnvironment environment) {
    LoadedModel model = new LoadedModel(weights);
    List<OnnxFile.External> tensors;
    try {
      tensors = OnnxFile.externals(model.network);
    } catch (OnnxFile.Malformed e) {
      throw Sessions.damaged(weights.file(), e.getMessage(), e);
    }
    for (OnnxFile.External tensor : tensors) {
      model.checkListed(tensor);
    }
    if (weights.externalData().isPresent()) {
      model.loadExternal(weights.externalData().get(), tensors, environment);
    }
    return model;
  }

  /** Only the file that the card lists. */
  private void checkListed(OnnxFile.External tensor) {
    String names = "names the further file \"" + tensor.location() + "\" for its weights, ";
    CardFile listed =
        weights
            .externalData()
            .orElseThrow(
                () ->
                    wrong(
                        names
                            + "which its card does not list; a card lists it in"
                            + " weights.onnx.external_data, or put the weights inside the ONNX"
                            + " file."));
    if (!isListed(tensor.location(), listed)) {
      throw wrong(
          names
              + "but its card lists "
              + listed.file().getFileName()
              + " in weights.onnx.external_data; all weights must be in that file.");
    }
    if (!tensor.replaceable()) {
      throw wrong(
          names
              + "and those of a node or of an inner graph among them (\""
              + tensor.name()
              + "\"), which is not supported; put the weights inside the ONNX file.");
    }
  }

  private boolean isListed(String location, CardFile listed) {
    try {
      Path folder = weights.file().toAbsolutePath().getParent();
      Path named = folder.getFileSystem().getPath(location);
      return !location.isBlank()
          && !location.contains("\\")
          && !named.isAbsolute()
          && folder.resolve(named).normalize().equals(listed.file().toAbsolutePath().normalize());
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private void loadExternal(
      CardFile file, List<OnnxFile.External> tensors, OrtEnvironment environment) {
    if (tensors.isEmpty()) {
      throw wrong(
          "has all its weights inside, which contradicts weights.onnx.external_data of its card;"
              + " leave that field out.");
    }
    long size = file.size();
    List<Piece> pieces = tensors.stream().map(tensor -> piece(tensor, size)).toList();
    file.scan(
        (bytes, length, position) -> pieces.forEach(piece -> piece.take(bytes, length, position)));
    try {
      for (Piece piece : pieces) {
        external.put(
            piece.tensor.name(),
            OnnxTensor.createTensor(environment, piece.bytes, piece.tensor.shape(), piece.type));
      }
    } catch (OrtException e) {
      close();
      throw Sessions.failed("opening", weights.file().toString(), e);
    }
  }

  private Piece piece(OnnxFile.External tensor, long size) {
    OnnxJavaType type = TYPES.get(tensor.type());
    if (type == null) {
      throw wrong(
          "keeps tensor \""
              + tensor.name()
              + "\" of data type "
              + tensor.type()
              + " in another file, which is not supported; put the weights inside the ONNX file.");
    }
    try {
      long bytes = type.size;
      for (long length : tensor.shape()) {
        bytes = Math.multiplyExact(bytes, length);
      }
      long offset = tensor.offset().isEmpty() ? 0 : Long.parseLong(tensor.offset());
      long length = tensor.length().isEmpty() ? bytes : Long.parseLong(tensor.length());
      boolean negative = Arrays.stream(tensor.shape()).anyMatch(n -> n < 0);
      if (!negative && length == bytes && offset >= 0 && bytes <= size && offset <= size - bytes) {
        int capacity = Math.toIntExact(bytes);
        ByteBuffer buffer = ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
        return new Piece(tensor, type, offset, buffer);
      }
    } catch (ArithmeticException | NumberFormatException e) {
      throw misplaced(tensor, size);
    }
    throw misplaced(tensor, size);
  }

  private DiffusionException misplaced(OnnxFile.External tensor, long size) {
    return wrong(
        "says that tensor \""
            + tensor.name()
            + "\" "
            + Arrays.toString(tensor.shape())
            + " has "
            + (tensor.length().isEmpty() ? "its" : "\"" + tensor.length() + "\"")
            + " bytes at \""
            + tensor.offset()
            + "\" of the "
            + size
            + " bytes of "
            + tensor.location()
            + ", which cannot be; get another copy of the model.");
  }

  private DiffusionException wrong(String what) {
    return new DiffusionException("Model file " + weights.file() + " " + what);
  }

  /** The file it is from, for sentences. */
  Path file() {
    return weights.file();
  }

  /** The bytes of the ONNX file, direct. */
  ByteBuffer network() {
    return network.duplicate();
  }

  /** The weights from the other file, by the names of the tensors. */
  Map<String, OnnxTensorLike> external() {
    return external;
  }

  /** Frees the runtime's handles of the weights; sessions have copies. */
  @Override
  public void close() {
    external.values().forEach(OnnxTensorLike::close);
    external.clear();
  }
}
