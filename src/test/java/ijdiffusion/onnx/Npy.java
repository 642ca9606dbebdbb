package ijdiffusion.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads numpy's file format, version 1, as far as test tensors need it. */
final class Npy {
  private Npy() {}

  /** The values of a float32 array in C order. */
  static float[] floats(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = bytes.getShort(8);
    String about = new String(bytes.array(), 10, header, StandardCharsets.US_ASCII);
    if (!about.contains("'<f4'") || !about.contains("'fortran_order': False")) {
      throw new IOException(file + ": " + about);
    }
    bytes.position(10 + header);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }
}
