package ijdiffusion.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.NetworkFacts.Probe;
import ijdiffusion.card.NetworkFacts.Reading;
import ijdiffusion.card.NetworkRoles;
import ijdiffusion.card.ScheduleProposal;
import ijdiffusion.model.EdmPreconditioning;
import ijdiffusion.model.OutputMeaning;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.TimeInput;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Finds out by running it how a network without a card is to be spoken to. A network whose time and
 * output are taken for what they are takes noise away: of x_t = alpha x_0 + sigma eps the x_0 it
 * predicts is nearer to x_0 than x_t / alpha is, at every level. All conventions are tried at three
 * levels of the schedule proposed; the one that leaves least of the noise is the best.
 */
final class NetworkProbe {
  private static final int LARGEST_MULTIPLE = 64;
  private static final double SIGMA_DATA = 0.5;

  /** Shares of signal, alpha-bar, at the levels where the network is asked. */
  private static final double[] SIGNALS = {0.95, 0.5, 0.05};

  /** Mean values of the four quarters of the clean image: nobody knows what the network likes. */
  private static final double[] GREYS = {-0.6, -0.2, 0.2, 0.6};

  private final Network network;
  private final String name;
  private final NetworkRoles roles;
  private final Map<String, String> metadata;
  private final ProbeImage images;
  private final Shape shape;
  private final int multiple;
  private String failure = "";
  private boolean threw;

  /** What a run said. */
  private record Answer(long[] shape, float[] values) {}

  NetworkProbe(Network network, String name, NetworkRoles roles, Map<String, String> metadata) {
    this.network = network;
    this.name = name;
    this.roles = roles;
    this.metadata = metadata;
    int[] found = size();
    this.multiple = found[0];
    this.shape = new Shape(1, roles.channels(), found[1], found[2]);
    this.images = new ProbeImage(shape, GREYS);
  }

  Probe probe() {
    Tensor noise = images.noise();
    Answer one = run(noise, 1);
    if (one == null) {
      throw fails(shape.h() + " x " + shape.w());
    }
    int channels = (int) one.shape[1];
    if (same(one, run(noise, 0.001)) && same(one, run(noise, 40))) {
      throw NetworkRoles.no(
          "Network " + name + " does not look at its input \"" + roles.time().name() + "\"");
    }
    OptionalInt steps = table(noise);
    List<Reading> readings = readings(steps.orElse(0));
    readings.sort(Comparator.comparingDouble(Reading::left));
    return new Probe(multiple, channels, steps, readings, variance(one, channels));
  }

  private boolean same(Answer a, Answer b) {
    if (b == null) {
      return false;
    }
    double difference = 0;
    double size = 0;
    for (int i = 0; i < a.values.length; i++) {
      difference = Math.max(difference, Math.abs(a.values[i] - b.values[i]));
      size = Math.max(size, Math.abs(a.values[i]));
    }
    return difference <= 1e-6 * size;
  }

  private List<Double> variance(Answer answer, int channels) {
    if (channels == roles.channels()) {
      return List.of();
    }
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = shape.imageSize(); i < 2 * shape.imageSize(); i++) {
      least = Math.min(least, answer.values[i]);
      most = Math.max(most, answer.values[i]);
    }
    return List.of(least, most);
  }

  /** The size multiple, 0 where the size is fixed, and height and width to try things at. */
  private int[] size() {
    if (roles.width() > 0 || roles.height() > 0) {
      int height = roles.height() > 0 ? roles.height() : roles.width();
      int width = roles.width() > 0 ? roles.width() : roles.height();
      if (!works(height, width)) {
        throw fails(height + " x " + width);
      }
      return new int[] {0, height, width};
    }
    for (int m = 1; m <= LARGEST_MULTIPLE; m *= 2) {
      // an odd number of them: a side that is no multiple of 2 m
      int side = m * Math.max(1, 32 / m + 1 | 1);
      if (works(side, side)) {
        return new int[] {m, side, side};
      }
    }
    throw fails("33 to " + LARGEST_MULTIPLE);
  }

  private DiffusionException fails(String sizes) {
    return NetworkRoles.no(
        "Network "
            + name
            + " returns no image of the same size for images of "
            + sizes
            + " pixels"
            + (failure.isEmpty() ? "" : " (" + failure + ")"));
  }

  private boolean works(int height, int width) {
    Answer answer = run(new Tensor(new Shape(1, roles.channels(), height, width)), 1);
    if (answer == null) {
      return false;
    }
    boolean fits =
        answer.shape.length == 4
            && answer.shape[2] == height
            && answer.shape[3] == width
            && (answer.shape[1] == roles.channels() || answer.shape[1] == 2L * roles.channels());
    failure = fits ? "" : "it returns " + Arrays.toString(answer.shape);
    return fits;
  }

  /** Length of the table that the time is looked up in, where times beyond it do not work. */
  private OptionalInt table(Tensor x) {
    int low = 1; // works, or else nothing does
    int high = 1 << 14;
    if (!isRefused(x, high)) {
      return OptionalInt.empty();
    }
    while (high - low > 1) {
      int middle = (low + high) / 2;
      if (isRefused(x, middle)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return OptionalInt.of(high);
  }

  /** Whether the runtime cannot work with a time; answers that are no numbers do not count. */
  private boolean isRefused(Tensor x, double time) {
    threw = false;
    return run(x, time) == null && threw;
  }

  private List<Reading> readings(int table) {
    DiscreteSchedule schedule = ScheduleProposal.of(metadata, table).schedule();
    List<Reading> readings = new ArrayList<>();
    for (TimeInput time : TimeInput.values()) {
      boolean other = time == TimeInput.SCALED_INDEX || time == TimeInput.CONTINUOUS;
      if (other || !time.isInteger() && roles.time().type().startsWith("int")) {
        continue; // they are an index, or nearly
      }
      List<OutputMeaning> meanings = new ArrayList<>(List.of(Parameterization.values()));
      readings.addAll(readings(schedule, time, meanings));
      if (time == TimeInput.LOG_SIGMA_QUARTER) {
        readings.addAll(readings(schedule, time, List.of(new EdmPreconditioning(SIGMA_DATA))));
      }
    }
    return readings;
  }

  /** Readings of the output for one of the time; all of one scale of the input. */
  private List<Reading> readings(
      DiscreteSchedule schedule, TimeInput time, List<OutputMeaning> meanings) {
    int quarters = GREYS.length;
    double[][] log = new double[meanings.size()][quarters];
    double[][] worst = new double[meanings.size()][quarters];
    for (double signal : SIGNALS) {
      NoiseLevel level = level(schedule, signal);
      Tensor x = images.noisy(level);
      Tensor scaled = new Tensor(shape);
      scaled.setSum(meanings.get(0).inputScale(level), x, 0, x);
      Answer answer = run(scaled, time.value(level, schedule));
      if (answer == null) {
        return List.of();
      }
      for (int m = 0; m < log.length; m++) {
        Prediction out = new Prediction(shape, false);
        System.arraycopy(answer.values, 0, out.eps().data(), 0, shape.imageSize());
        meanings.get(m).toPrediction(x, level, out);
        double[] left = images.noiseLeft(out.x0(), level);
        for (int q = 0; q < quarters; q++) {
          log[m][q] += Math.log(Math.max(1e-6, left[q])) / SIGNALS.length;
          worst[m][q] = Math.max(worst[m][q], left[q]);
        }
      }
    }
    List<Reading> readings = new ArrayList<>();
    for (int m = 0; m < log.length; m++) {
      int best = best(log[m], worst[m]);
      readings.add(
          new Reading(
              time.name().toLowerCase(Locale.ROOT),
              meanings.get(m) instanceof Parameterization p
                  ? p.name().toLowerCase(Locale.ROOT)
                  : "edm",
              Math.exp(log[m][best]),
              worst[m][best]));
    }
    return readings;
  }

  /** The quarter of the image where the network is at home: one where no level is worse than x. */
  private static int best(double[] log, double[] worst) {
    int best = 0;
    for (int q = 1; q < log.length; q++) {
      boolean safer = worst[q] < 1 && worst[best] >= 1;
      boolean alike = worst[q] < 1 == worst[best] < 1;
      if (safer || alike && log[q] < log[best]) {
        best = q;
      }
    }
    return best;
  }

  /** The level of a table whose share of signal is nearest. */
  private static NoiseLevel level(DiscreteSchedule schedule, double signal) {
    int nearest = 0;
    for (int t = 1; t < schedule.size(); t++) {
      double distance = Math.abs(schedule.alphaBar(t) - signal);
      nearest = distance < Math.abs(schedule.alphaBar(nearest) - signal) ? t : nearest;
    }
    return schedule.level(nearest);
  }

  /** The answer to one image; {@code null} where the network fails or says what is no number. */
  private Answer run(Tensor x, double time) {
    Answer[] answer = new Answer[1];
    network.use(
        () -> {
          try {
            answer[0] = tryRun(x, time);
          } catch (OrtException e) {
            threw = true;
            failure = String.valueOf(e.getMessage()).replaceAll("\\s+", " ").strip();
          }
        });
    return answer[0];
  }

  private Answer tryRun(Tensor x, double time) throws OrtException {
    int batch = roles.imagesPerRun();
    Shape s = x.shape();
    try (FloatMemory image =
            new FloatMemory(
                network.environment(),
                real(roles.image().type()),
                new long[] {batch, s.c(), s.h(), s.w()});
        TimeMemory told = new TimeMemory(network.environment(), type(), roles.timeShape(batch))) {
      for (int i = 0; i < batch; i++) {
        image.values().put(i * s.imageSize(), x.data(), 0, s.imageSize());
      }
      image.toRuntime();
      told.set(time);
      Map<String, OnnxTensor> inputs =
          Map.of(roles.image().name(), image.tensor(), roles.time().name(), told.tensor());
      try (OrtSession.Result result =
          network.run(inputs, Set.of(roles.output().name()), Map.of())) {
        OnnxTensor out = (OnnxTensor) result.get(0);
        float[] values = new float[out.getFloatBuffer().remaining()];
        out.getFloatBuffer().get(values);
        for (float v : values) {
          if (!Float.isFinite(v)) {
            failure = "it returns " + v;
            return null;
          }
        }
        return new Answer(out.getInfo().getShape(), values);
      }
    }
  }

  private static OnnxJavaType real(String type) {
    return type.equals("float16") ? OnnxJavaType.FLOAT16 : OnnxJavaType.FLOAT;
  }

  private OnnxJavaType type() {
    return switch (roles.time().type()) {
      case "int64" -> OnnxJavaType.INT64;
      case "int32" -> OnnxJavaType.INT32;
      default -> real(roles.time().type());
    };
  }
}
