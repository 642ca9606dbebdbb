package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a version of BioImage.IO writes down what it says of a tensor. Both versions come out as the
 * same facts, so that {@link TensorCheck} need not know which it was.
 */
interface TensorLayout {
  /** The layout of the card's version. */
  static TensorLayout of(Fields rdf, WeightsParser files) {
    return rdf.text("format_version").startsWith("0.4.")
        ? new TensorLayout4(rdf, files)
        : new TensorLayout5(rdf, files);
  }

  /** Name of the tensor in the ONNX file. */
  String id(Fields tensor);

  /** Its axes, in order. */
  List<Axis> axes(Fields tensor);

  /** Data type of its elements. */
  String type(Fields tensor);

  /** The field that states the data type, for sentences. */
  String typeField();

  /** What is done to an input before the network, or to an output after it; both may be written. */
  List<Step> steps(Fields tensor);

  /**
   * The file with an example of the tensor.
   *
   * @param side {@code inputs} or {@code outputs}
   * @param index of the tensor on that side
   * @return empty where the card has none, or one that is not in its folder but on the net
   */
  Optional<CardFile> test(String side, int index);

  /**
   * An axis of a tensor.
   *
   * @param type batch, channel, space, index or time
   * @param length how long it is
   * @param unit what is counted there, for sentences
   * @param complaint makes the sentence that its length is wrong
   */
  record Axis(String type, Length length, String unit, Complaint complaint) {
    /**
     * The complaint about the length.
     *
     * @param part min or step, empty for the whole
     */
    DiffusionException refused(String part, String legal) {
      return complaint.about(part, legal);
    }
  }

  /**
   * The length of an axis.
   *
   * @param fixed 0 where it is free
   * @param min shortest, where the free lengths are stated
   * @param step from one to the next, where they are; 0 where the length follows from another
   *     tensor's
   */
  record Length(int fixed, int min, int step) {
    static final Length DERIVED = new Length(0, 0, 0);

    static Length fixed(int length) {
      return new Length(length, length, 0);
    }

    boolean isFixed() {
      return fixed > 0;
    }
  }

  /** Makes a sentence. */
  @FunctionalInterface
  interface Complaint {
    /** The sentence that part of a length is wrong, and what would be legal. */
    DiffusionException about(String part, String legal);
  }

  /**
   * One step of processing.
   *
   * @param field where it is written, for sentences: {@code inputs[0].preprocessing[1]}
   * @param id its BioImage.IO name, as of format 0.5
   * @param kwargs its settings, none where there are none
   * @param axes over which statistics are taken, as letters b, c, z, y, x; empty where none are
   *     written
   */
  record Step(String field, String id, Fields kwargs, Optional<Set<String>> axes) {}
}
