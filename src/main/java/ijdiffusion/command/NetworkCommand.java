package ijdiffusion.command;

import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.SamplerChoice;
import java.util.List;

/** What commands that run a network share. */
abstract class NetworkCommand implements DiffusionCommand {
  private Progress progress = Progress.statusBar();

  /** Who is told about progress. */
  final Progress progress() {
    return progress;
  }

  @Override
  public final void setProgress(Progress progress) {
    this.progress = progress;
  }

  @Override
  public List<String> choices(String key) {
    return switch (key) {
      case "model" -> Models.names(this::fits);
      case "sampler" -> SamplerChoice.keys();
      default -> List.of();
    };
  }

  /** Whether a model is one this command can use. */
  boolean fits(ModelCard card) {
    return card.condition().isEmpty();
  }
}
