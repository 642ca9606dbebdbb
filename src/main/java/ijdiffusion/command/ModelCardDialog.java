package ijdiffusion.command;

import ij.gui.GenericDialog;
import ij.gui.MultiLineLabel;
import ij.plugin.frame.Recorder;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardDraft;
import java.awt.AWTEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks the user to check and complete a card that was proposed for a network without one. */
public final class ModelCardDialog {
  private static final int COLUMNS = 70;

  /** Fields that are shown, and what they may be where that is a short list. */
  private static final Map<String, List<String>> SHOWN = new LinkedHashMap<>();

  static {
    for (String key : List.of("name", "license", "domain", "attribution")) {
      SHOWN.put(key, List.of());
    }
    SHOWN.put("image.value_range", List.of());
    SHOWN.put("image.normalization.low_percentile", List.of());
    SHOWN.put("image.normalization.high_percentile", List.of());
    SHOWN.put(
        "time.meaning",
        List.of(
            "index",
            "scaled_index",
            "reversed_index",
            "continuous",
            "sqrt_alpha_bar",
            "alpha_bar",
            "sigma",
            "log_sigma_quarter"));
    SHOWN.put("output.meaning", List.of("epsilon", "x0", "v", "score", "score_times_sigma", "edm"));
    SHOWN.put("output.variance", List.of("fixed_small", "fixed_large", "learned", "learned_range"));
    SHOWN.put("output.clip", List.of("true", "false"));
    SHOWN.put("schedule.kind", List.of("linear", "scaled_linear", "sigmoid", "cosine"));
    SHOWN.put("schedule.steps", List.of());
    SHOWN.put("schedule.beta_start", List.of());
    SHOWN.put("schedule.beta_end", List.of());
  }

  private ModelCardDialog() {}

  /**
   * Shows what was proposed and where it is from, and lets it be changed. Macros, batch mode and an
   * ImageJ without a screen see no dialog: there the draft comes back as it is, to be changed by
   * {@link CardDraft#with}.
   *
   * @param draft the card proposed
   * @return the card as the user wants it, fit to be saved; empty where the user cancelled
   */
  public static Optional<CardDraft> complete(CardDraft draft) {
    if (!MenuPlugIn.isInteractive()) {
      return Optional.of(draft);
    }
    GenericDialog dialog = new GenericDialog("Model card for " + draft.file().getFileName());
    dialog.addMessage(
        MenuPlugIn.wrap(
            "This network has no model card. What is marked assumed cannot be seen from the"
                + " network; ask its author. A wrong entry gives wrong images without an error.",
            COLUMNS));
    Map<String, List<String>> fields = fields(draft);
    Map<String, String> origins = new LinkedHashMap<>();
    draft.fields().forEach(field -> origins.put(field.key(), field.origin().toString()));
    fields.forEach(
        (key, choices) -> {
          String label = key + " (" + origins.getOrDefault(key, "none") + ")";
          String value = Optional.ofNullable(draft.get(key)).orElse("");
          if (choices.isEmpty()) {
            dialog.addStringField(label, value, 30);
          } else {
            dialog.addChoice(label, choices.toArray(new String[0]), value);
          }
        });
    dialog.addMessage(" \n \n ");
    MultiLineLabel complaint = (MultiLineLabel) dialog.getMessage();
    dialog.addDialogListener((d, event) -> update(draft, fields, d, event, complaint));
    dialog.showDialog();
    Recorder.setCommand(null); // a macro gives the fields as options instead
    return dialog.wasCanceled()
        ? Optional.empty()
        : Optional.of(completed(draft, read(fields, dialog)));
  }

  /** The fields to be shown; a value that is not in its list is added to it. */
  private static Map<String, List<String>> fields(CardDraft draft) {
    Map<String, List<String>> fields = new LinkedHashMap<>(SHOWN);
    fields.replaceAll(
        (key, choices) -> {
          String value = draft.get(key);
          if (choices.isEmpty() || value == null || choices.contains(value)) {
            return choices;
          }
          List<String> all = new ArrayList<>(choices);
          all.add(0, value);
          return all;
        });
    return fields;
  }

  private static Map<String, String> read(Map<String, List<String>> fields, GenericDialog dialog) {
    Map<String, String> values = new LinkedHashMap<>();
    fields.forEach(
        (key, choices) ->
            values.put(key, choices.isEmpty() ? dialog.getNextString() : dialog.getNextChoice()));
    return values;
  }

  /**
   * The draft with what stands in the dialog.
   *
   * @param values of all fields shown; those of a schedule that its kind does not have are ignored
   */
  static CardDraft completed(CardDraft draft, Map<String, String> values) {
    Map<String, String> options = new LinkedHashMap<>(values);
    if (values.get("schedule.kind").equals("cosine")) {
      options.remove("schedule.beta_start");
      options.remove("schedule.beta_end");
    }
    return draft.with(options);
  }

  /** Says what is wrong; false, which greys out OK, where something is. */
  private static boolean update(
      CardDraft draft,
      Map<String, List<String>> fields,
      GenericDialog dialog,
      AWTEvent event,
      MultiLineLabel complaint) {
    CardDraft changed = completed(draft, read(fields, dialog));
    if (event == null) {
      return true; // the dialog has closed
    }
    try {
      changed.card();
      complaint.setText(" \n \n ");
      return true;
    } catch (DiffusionException e) {
      complaint.setText(MenuPlugIn.wrap(e.getMessage(), COLUMNS));
      return false;
    }
  }
}
