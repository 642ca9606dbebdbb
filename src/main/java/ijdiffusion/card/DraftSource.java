package ijdiffusion.card;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

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
    InstallLimits limits = InstallLimits.plain();
    limits.add(Files.size(source));
    Files.copy(source, into.resolve(NETWORK));
    Optional<CardFile> further = draft.weights().externalData();
    if (further.isPresent()) {
      limits.copy(further.get(), into); // by its own name, which the ONNX file says
    }
    Files.writeString(into.resolve(ModelCardReader.FILE_NAMES.get(0)), draft.text(NETWORK));
  }
}
