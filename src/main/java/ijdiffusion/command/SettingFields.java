package ijdiffusion.command;

import ij.Prefs;
import ij.gui.GenericDialog;
import ijdiffusion.command.Parameters.Setting;
import java.awt.Checkbox;
import java.awt.Choice;
import java.awt.Component;
import java.awt.Font;
import java.awt.GridBagConstraints;
import java.awt.GridBagLayout;
import java.awt.Insets;
import java.awt.Label;
import java.awt.Panel;
import java.awt.TextField;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of a command's settings, in groups: what is done at the left, with which planes and to
 * what result at the right, and below what is seldom changed, which can be folded away. ImageJ's
 * own way of one field below the other would not fit on small screens. Fields tell the dialog of
 * every change.
 */
final class SettingFields {
  /** Commands with no more settings than that have them in one column. */
  private static final int FEW = 6;

  /** What belongs together. */
  enum Group {
    MODEL("Model"),
    METHOD("Method"),
    IMAGE("Image"),
    RESULT("Result"),
    MORE("");

    private final String heading;

    Group(String heading) {
      this.heading = heading;
    }

    static Group of(String key) {
      return switch (key) {
        case "model" -> MODEL;
        case "planes", "limits", "width", "height" -> IMAGE;
        case "seed", "samples", "overlay", "in_place", "show_progression" -> RESULT;
        case "percentiles", "tile", "overlap", "folder", "device", "threads" -> MORE;
        default -> METHOD;
      };
    }
  }

  private final GenericDialog dialog;
  private final DiffusionCommand command;
  private final List<Setting> settings;
  private final Map<String, Component> fields = new LinkedHashMap<>();
  private final Panel more = grid();

  /**
   * @param dialog told of changes
   * @param command whose settings are shown
   */
  SettingFields(GenericDialog dialog, DiffusionCommand command) {
    this.dialog = dialog;
    this.command = command;
    this.settings = Parameters.of(command.getClass());
  }

  /** Whether there are more than fit in one column. */
  boolean isWide() {
    return settings.size() > FEW;
  }

  /** The model alone, or null where a command has none. */
  Panel model() {
    return settings.stream().anyMatch(s -> Group.of(s.key()) == Group.MODEL)
        ? column(Group.MODEL)
        : null;
  }

  /** The settings that are always shown. */
  Panel main() {
    if (!isWide()) {
      Panel all = grid();
      int row = 0;
      for (Setting s : settings) {
        if (Group.of(s.key()) != Group.MODEL) {
          add(all, s, 0, row++);
        }
      }
      return all;
    }
    Panel both = grid();
    both.add(column(Group.METHOD), at(0, 0, 1, GridBagConstraints.NORTHWEST));
    GridBagConstraints beside = at(1, 0, 1, GridBagConstraints.NORTHWEST);
    beside.insets = new Insets(0, 30, 0, 0);
    both.add(column(Group.IMAGE, Group.RESULT), beside);
    return both;
  }

  /** The settings that are seldom changed, two in a row; empty in dialogs with few. */
  Panel more() {
    if (isWide() && more.getComponentCount() == 0) {
      List<Setting> few = of(Group.MORE);
      for (int i = 0; i < few.size(); i++) {
        add(more, few.get(i), i % 2 * 2, i / 2);
      }
    }
    return more;
  }

  /** Whether one that is seldom changed has been. */
  boolean moreIsChanged(DiffusionCommand defaults) {
    return of(Group.MORE).stream().anyMatch(s -> !s.get(command).equals(s.get(defaults)));
  }

  /** Of a group, checkboxes last: between fields they are easily overlooked. */
  private List<Setting> of(Group group) {
    return settings.stream()
        .filter(s -> Group.of(s.key()) == group)
        .sorted(Comparator.comparing(Setting::isFlag))
        .toList();
  }

  /** Groups one below the other, in one grid, so that their fields line up. */
  private Panel column(Group... groups) {
    Panel column = grid();
    int row = 0;
    for (Group group : groups) {
      List<Setting> own = of(group);
      if (group != Group.MODEL && !own.isEmpty()) {
        Label heading = new Label(group.heading);
        heading.setFont(bold());
        column.add(heading, at(0, row++, 2, GridBagConstraints.WEST));
      }
      for (Setting s : own) {
        add(column, s, 0, row++);
      }
    }
    return column;
  }

  private static Font bold() {
    return new Font(Font.SANS_SERIF, Font.BOLD, (int) Math.round(12 * Prefs.getGuiScale()));
  }

  private static Panel grid() {
    return new Panel(new GridBagLayout());
  }

  private static GridBagConstraints at(int x, int y, int width, int anchor) {
    GridBagConstraints c = new GridBagConstraints();
    c.gridx = x;
    c.gridy = y;
    c.gridwidth = width;
    c.anchor = anchor;
    c.insets = new Insets(1, 3, 1, 3);
    return c;
  }

  private void add(Panel panel, Setting s, int x, int y) {
    Component field = field(s);
    fields.put(s.key(), field);
    field.addKeyListener(dialog); // Enter and Esc
    if (s.isFlag()) {
      panel.add(field, at(x, y, 2, GridBagConstraints.WEST));
    } else {
      panel.add(new Label(shown(s)), at(x, y, 1, GridBagConstraints.EAST));
      panel.add(field, at(x + 1, y, 1, GridBagConstraints.WEST));
    }
  }

  /** As ImageJ shows labels. */
  private static String shown(Setting s) {
    return s.label().replace('_', ' ');
  }

  private Component field(Setting s) {
    List<String> choices =
        s.annotation().choices().length > 0
            ? Arrays.asList(s.annotation().choices())
            : command.choices(s.key());
    Object value = s.get(command);
    if (s.isFlag()) {
      Checkbox box = new Checkbox(shown(s), (boolean) value);
      box.addItemListener(dialog);
      return box;
    }
    if (!choices.isEmpty()) {
      Choice choice = new Choice();
      choices.forEach(choice::add);
      choice.select(value.toString());
      choice.addItemListener(dialog);
      return choice;
    }
    TextField text = new TextField(Parameters.text(value), value instanceof String ? 14 : 7);
    text.addTextListener(dialog);
    text.addFocusListener(dialog);
    return text;
  }

  /** What stands in a setting's field. */
  String text(String key) {
    Component field = fields.get(key);
    if (field instanceof Checkbox box) {
      return Boolean.toString(box.getState());
    }
    return field instanceof Choice choice
        ? choice.getSelectedItem()
        : ((TextField) field).getText();
  }

  /**
   * Takes all fields over into the command.
   *
   * @throws ijdiffusion.DiffusionException on the first that is not a legal value
   */
  void read() {
    for (Setting s : settings) {
      s.parse(command, text(s.key()));
    }
  }

  /** Shows the command's values. */
  void write() {
    for (Setting s : settings) {
      write(s.key(), Parameters.text(s.get(command)));
    }
  }

  /** Shows a value; nothing where the command has no such setting. */
  void write(String key, String text) {
    Component field = fields.get(key);
    if (field instanceof Checkbox box) {
      box.setState(Boolean.parseBoolean(text));
    } else if (field instanceof Choice choice) {
      choice.select(text);
    } else if (field instanceof TextField line && !line.getText().equals(text)) {
      line.setText(text);
    }
  }
}
