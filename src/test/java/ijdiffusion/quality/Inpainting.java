package ijdiffusion.quality;

import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Filling of holes as the command does it, on windows of 64 x 64 pixels, beside fillings that know
 * nothing but the hole's surroundings.
 */
final class Inpainting implements Experiment {
  private static final int SAMPLES = 16;
  private static final int SHOWN = 8;

  @Override
  public String name() {
    return "inpainting";
  }

  @Override
  public void run(Job job) throws IOException {
    Results results = new Results("hole | method", HoleTask.METRICS);
    int samples = job.settings().samplesOf(SAMPLES);
    Montage page = new Montage(7);
    Map<String, boolean[]> holes = Holes.all();
    holes.keySet().retainAll(job.settings().holes());
    String first = holes.keySet().iterator().next();
    int done = 0;
    results.resume(job.settings().out(), name() + "-" + job.model());
    for (Map.Entry<String, boolean[]> hole : holes.entrySet()) {
      HoleFill fill = new HoleFill(hole.getValue(), Holes.SIDE);
      for (int n = 0; n < job.pictures().size(); n++) {
        Picture truth = job.pictures().get(n).busiest(Holes.SIDE, n);
        boolean shown = hole.getKey().equals(first) && n < SHOWN;
        String start = hole.getKey() + " | ";
        if (!fillers(job).stream()
            .allMatch(filler -> results.has(start + filler.title(), truth.name()))) {
          one(results, hole.getKey(), job, truth, hole.getValue(), fill, shown ? page : null);
        }
        job.progress(results, name(), ++done, job.pictures().size() * holes.size());
      }
    }
    int k = Metrics.rankOfInterval(samples);
    results.write(
        job.settings().out(),
        name() + "-" + job.model(),
        "Filling of holes, " + job.model(),
        String.format(
                Locale.ROOT,
                (job.card().condition().isPresent()
                        ? "Sampler and steps"
                        : "Levels, jump, resamplings, evenly spaced (RePaint) or focused")
                    + "; %d samples. Holes in 64 x 64 pixels: a square of 24"
                    + " x 24, a disc of diameter 27, a stroke; of 16 random places in an image that"
                    + " with the greatest standard deviation. Errors inside the hole, in units of the"
                    + " whole image's span (minimum to percentile 99.8). CRPS by the fair estimator; for"
                    + " a single answer it is the absolute error. Coverage: how often the truth is"
                    + " between the samples of rank %d from either end, ideally %.3f. Rim mean: mean of"
                    + " the pixels that touch the hole. ",
                samples,
                k,
                Metrics.nominal(samples, k))
            + job.provenance());
    page.write(job.file(name(), "examples"));
  }

  private static List<? extends HoleFiller> fillers(Job job) {
    return job.card().condition().isPresent() ? job.settings().fill() : job.settings().inpaint();
  }

  private static void one(
      Results results,
      String shape,
      Job job,
      Picture truth,
      boolean[] hole,
      HoleFill fill,
      Montage page) {
    List<Tensor> shown = new ArrayList<>();
    shown.add(truth.inUnits());
    shown.add(blackened(truth, hole));
    Tensor units = truth.inUnits();
    Tensor rim = HoleFill.eachPlane(units, fill::rimMean);
    Tensor harmonic = HoleFill.eachPlane(units, fill::harmonic);
    Tensor biharmonic = HoleFill.eachPlane(units, fill::biharmonic);
    add(results, shape + " | rim mean", Double.NaN, truth, rim, hole);
    add(results, shape + " | harmonic", Double.NaN, truth, harmonic, hole);
    add(results, shape + " | biharmonic", Double.NaN, truth, biharmonic, hole);
    shown.add(harmonic);
    shown.add(biharmonic);
    List<? extends HoleFiller> fillers = fillers(job);
    for (HoleFiller filler : fillers) {
      HoleTask task = new HoleTask(job, truth, hole, job.settings().samplesOf(SAMPLES));
      Tensor made = task.inUnits(filler.run(task));
      String name = shape + " | " + filler.title();
      add(results, name, filler.networkCalls(job.card()), truth, made, hole);
      if (filler.equals(fillers.get(0))) {
        shown.add(made.image(0));
        shown.add(made.image(1));
        shown.add(Job.mean(made));
      }
    }
    if (page != null) {
      shown.forEach(image -> page.add(image, Holes.SIDE));
    }
  }

  private static Tensor blackened(Picture truth, boolean[] hole) {
    Tensor out = truth.inUnits();
    for (int i = 0; i < out.data().length; i++) {
      out.data()[i] = hole[i % hole.length] ? 0 : out.data()[i];
    }
    return out;
  }

  private static void add(
      Results results, String method, double calls, Picture truth, Tensor made, boolean[] hole) {
    results.add(method, truth.name(), HoleTask.score(calls, truth.inUnits(), made, hole));
  }
}
