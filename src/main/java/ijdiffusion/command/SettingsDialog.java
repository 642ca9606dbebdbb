package ijdiffusion.command;

import ij.Prefs;
import ij.gui.GenericDialog;
import ij.gui.MultiLineLabel;
import ij.plugin.frame.Recorder;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.About;
import ijdiffusion.command.Parameters.Setting;
import java.awt.AWTEvent;
import java.awt.Button;
import java.awt.Checkbox;
import java.awt.Dimension;
import java.awt.FlowLayout;
import java.awt.GridBagConstraints;
import java.awt.Insets;
import java.awt.Panel;
import java.util.stream.Collectors;

/**
 * The one dialog of a command, made from its settings: grouped fields, what the model is for, a
 * line that says what a run would cost or what is wrong, a Help button, the values of last time and
 * a way back to the defaults.
 */
final class SettingsDialog {
  private static final String PREVIEW = "diffusion.preview";
  private static final String MORE = "diffusion.dialog.more";
  private static final int WIDE = 88;
  private static final int NARROW = 52;

  private final DiffusionCommand command;
  private final DiffusionCommand defaults;
  private final GenericDialog dialog;
  private final SettingFields fields;
  private final int columns;
  private final MultiLineLabel about = new MultiLineLabel("\n ");
  private final MultiLineLabel estimate;
  private final Checkbox more = new Checkbox("More settings");
  private final Checkbox preview = new Checkbox("Preview while it runs");
  private String model;

  private SettingsDialog(DiffusionCommand command, DiffusionCommand defaults, String label) {
    this.command = command;
    this.defaults = defaults;
    this.dialog = new GenericDialog(MenuPlugIn.title(label));
    this.fields = new SettingFields(dialog, command);
    this.columns = fields.isWide() ? WIDE : NARROW;
    dialog.addMessage(lines(Commands.description(command.getClass())));
    Panel choice = fields.model();
    if (choice != null) {
      add(choice);
      Panel under = new Panel(new FlowLayout(FlowLayout.LEFT, 3, 0));
      under.add(about);
      add(under);
    }
    add(fields.main());
    add(switches());
    add(fields.more());
    // the line break makes it a label that can show several
    dialog.addMessage(lines(costOrComplaint()) + "\n ");
    this.estimate = (MultiLineLabel) dialog.getMessage();
    dialog.addHelp(HelpText.of(label));
    dialog.addDialogListener(this::update);
    sayModel();
  }

  /**
   * Asks for a command's settings.
   *
   * @param command set to what is proposed; on return set to what was chosen
   * @param defaults the same with its default settings
   * @param label its label
   * @return false if the user cancelled
   */
  static boolean ask(DiffusionCommand command, DiffusionCommand defaults, String label) {
    SettingsDialog dialog = new SettingsDialog(command, defaults, label);
    dialog.dialog.showDialog();
    if (dialog.dialog.wasCanceled()) {
      return false;
    }
    dialog.fields.read();
    LastValues.remember(command, defaults);
    return true;
  }

  /** Whether estimates are to be shown while a command runs. */
  static boolean isPreviewWanted(DiffusionCommand command) {
    return command.showsEstimates() && Prefs.get(PREVIEW, true);
  }

  /** Tells ImageJ's recorder what was run, in the order of the settings. */
  static void record(DiffusionCommand command, String label) {
    Recorder.setCommand(label);
    for (Setting s : Parameters.of(command.getClass())) {
      Object value = s.get(command);
      if (!s.isFlag()) {
        String text = Parameters.text(value);
        Recorder.recordOption(s.key(), text.isEmpty() ? "[]" : text);
      } else if ((boolean) value) {
        Recorder.recordOption(s.key());
      }
    }
  }

  /** In line with ImageJ's own messages. */
  private void add(Panel panel) {
    dialog.addPanel(panel, GridBagConstraints.WEST, new Insets(4, 17, 0, 10));
  }

  /** What is about the dialog and not about the run, so that it is not recorded. */
  private Panel switches() {
    Panel row = new Panel(new FlowLayout(FlowLayout.LEFT, 4, 0));
    Panel folded = fields.more();
    if (folded.getComponentCount() > 0) {
      more.setState(Prefs.get(MORE, false) || fields.moreIsChanged(defaults));
      folded.setVisible(more.getState());
      more.addItemListener(
          event -> {
            Prefs.set(MORE, more.getState());
            folded.setVisible(more.getState());
            dialog.pack();
          });
      more.addKeyListener(dialog);
      row.add(more);
    }
    if (command.showsEstimates()) {
      preview.setState(Prefs.get(PREVIEW, true));
      preview.addItemListener(event -> Prefs.set(PREVIEW, preview.getState()));
      preview.addKeyListener(dialog);
      row.add(preview);
    }
    Button reset = new Button("Reset");
    reset.addActionListener(
        event -> {
          for (Setting s : Parameters.of(command.getClass())) {
            s.set(command, s.get(defaults));
          }
          fields.write();
          dialog.actionPerformed(event); // which tells the listener
        });
    reset.addKeyListener(dialog);
    row.add(reset);
    return row;
  }

  /** Keeps the lines of text up to date; returns false, which greys out OK, on a bad value. */
  private boolean update(GenericDialog unused, AWTEvent event) {
    if (event == null) {
      return true; // the dialog has closed
    }
    try {
      fields.read();
      sayModel();
      say(estimate, command.estimate());
      return true;
    } catch (DiffusionException e) {
      say(estimate, e.getMessage());
      return false;
    }
  }

  /** Says what the model is for. */
  private void sayModel() {
    Setting setting =
        Parameters.of(command.getClass()).stream()
            .filter(s -> s.key().equals("model"))
            .findFirst()
            .orElse(null);
    String now = setting == null ? "" : setting.get(command).toString();
    if (setting == null || now.equals(model)) {
      return;
    }
    model = now;
    try {
      About card = Models.find(now).about();
      say(about, "For " + card.domain() + ". Licence: " + card.license());
    } catch (DiffusionException e) {
      say(about, "\n "); // the estimate says what is wrong with it
    }
  }

  private String costOrComplaint() {
    try {
      return command.estimate();
    } catch (DiffusionException e) {
      // nothing can be run before something is changed
      dialog.getButtons()[0].setEnabled(false);
      return e.getMessage();
    }
  }

  /** Writes into a label, and makes room where there is too little. */
  private void say(MultiLineLabel line, String text) {
    line.setText(lines(text));
    Dimension wanted = line.getPreferredSize();
    if (dialog.isShowing()
        && (wanted.width > line.getWidth() || wanted.height > line.getHeight())) {
      line.invalidate();
      dialog.pack();
    }
  }

  /** Broken where the dialog ends. */
  private String lines(String text) {
    return text.lines()
        .map(line -> MenuPlugIn.wrap(line, columns))
        .collect(Collectors.joining("\n"));
  }
}
