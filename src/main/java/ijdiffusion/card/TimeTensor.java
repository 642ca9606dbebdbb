package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.TimeInput;

/**
 * The network's second input, which tells it how much noise the image holds.
 *
 * @param name of the input in the ONNX file
 * @param meaning which number is given
 * @param type its data type
 * @param layout its shape
 */
public record TimeTensor(String name, TimeInput meaning, Type type, Layout layout) {
  /** Data type of the time input. */
  public enum Type {
    /** 32-bit floating point. */
    FLOAT32,
    /** 64-bit integer; for indices only. */
    INT64
  }

  /** Shape of the time input. */
  public enum Layout {
    /** (), one number for the whole batch. */
    SCALAR {
      @Override
      public long[] shape(int batch) {
        return new long[0];
      }
    },
    /** (N), a number for each image. */
    VECTOR {
      @Override
      public long[] shape(int batch) {
        return new long[] {batch};
      }
    },
    /** (N, 1), a number for each image. */
    COLUMN {
      @Override
      public long[] shape(int batch) {
        return new long[] {batch, 1};
      }
    };

    /** Shape of the tensor for a batch of so many images. */
    public abstract long[] shape(int batch);
  }

  public TimeTensor {
    if (type == Type.INT64 && !meaning.isInteger()) {
      throw new DiffusionException(
          "config.diffusion.time.type is int64, which contradicts time.meaning "
              + Fields.spelling(meaning)
              + ": only an index is an integer, so it must be float32.");
    }
  }
}
