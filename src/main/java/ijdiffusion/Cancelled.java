package ijdiffusion;

/** The user stopped a run. Not an error: nothing is shown, and nothing half done is kept. */
public final class Cancelled extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A stop asked for by the user. */
  public Cancelled() {
    super("Cancelled by the user.");
  }
}
