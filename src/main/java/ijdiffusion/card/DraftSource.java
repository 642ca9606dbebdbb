package ijdiffusion.card;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A bare ONNX file with the card that was proposed for it. */
final class DraftSource implements ModelSource {
  private static final String NETWORK = "model.onnx";

  private final CardDraft draft;

  DraftSource(CardDraft draft) {
    this.draft = draft;
  }

  @Override
  public boolean accepts(Path source) {
    return source.equals(draft.file());
  }

  @Override
  public String name(Path source) {
    return Sidecar.name(source);
  }

  @Override
  public void unpack(Path source, Path into) throws IOException {
    InstallLimits.plain().add(Files.size(source));
    Files.copy(source, into.resolve(NETWORK));
    Files.writeString(into.resolve(ModelCardReader.FILE_NAMES.get(0)), draft.text(NETWORK));
  }
}
