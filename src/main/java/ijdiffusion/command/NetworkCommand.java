package ijdiffusion.command;

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
    return key.equals("model") ? Models.catalogue().names() : List.of();
  }
}
