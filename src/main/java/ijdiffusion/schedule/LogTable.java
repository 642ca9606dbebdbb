package ijdiffusion.schedule;

import java.util.Arrays;

/** Finds fractional positions in a table by linear interpolation between its values. */
final class LogTable {
  private final double[] values;

  /**
   * @param values ascending; the last may be infinite
   */
  LogTable(double[] values) {
    this.values = values;
  }

  /** The position of a value: an index where it is in the table, limited to the table's ends. */
  double indexOf(double value) {
    int found = Arrays.binarySearch(values, value);
    if (found >= 0) {
      return found;
    }
    int above = -found - 1;
    if (above == 0 || above == values.length) {
      return above == 0 ? 0 : above - 1;
    }
    double low = values[above - 1];
    return above - 1 + (value - low) / (values[above] - low);
  }
}
