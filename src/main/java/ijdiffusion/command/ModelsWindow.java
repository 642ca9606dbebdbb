package ijdiffusion.command;

import ij.IJ;
import ij.WindowManager;
import ij.gui.GUI;
import ij.io.OpenDialog;
import ij.plugin.BrowserLauncher;
import ij.plugin.frame.PlugInFrame;
import ij.text.TextWindow;
import ijdiffusion.card.CardDraft;
import java.awt.BorderLayout;
import java.awt.Desktop;
import java.awt.Dimension;
import java.awt.EventQueue;
import java.awt.FlowLayout;
import java.awt.Font;
import java.awt.Image;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import javax.swing.BorderFactory;
import javax.swing.DefaultListModel;
import javax.swing.ImageIcon;
import javax.swing.JButton;
import javax.swing.JEditorPane;
import javax.swing.JLabel;
import javax.swing.JList;
import javax.swing.JOptionPane;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.ListSelectionModel;
import javax.swing.ScrollPaneConstants;

/** The window of {@code Diffusion Models...}; what its buttons do is in {@link ModelsDesk}. */
final class ModelsWindow extends PlugInFrame implements ModelsDesk.View {
  private static final long serialVersionUID = 1;
  private static final String TITLE = "Diffusion Models";
  private static final int PICTURE_WIDTH = 520;
  private static final int PICTURE_HEIGHT = 180;

  private final DefaultListModel<String> names = new DefaultListModel<>();
  private final JList<String> list = new JList<>(names);
  private final JLabel picture = new JLabel();
  private final JEditorPane text = new JEditorPane("text/html", "");
  private final JLabel line = new JLabel(" ");
  private final JButton test = new JButton("Test");
  private final JButton install = new JButton("Install...");
  private final JButton remove = new JButton("Remove");
  private final JButton read = new JButton("README");
  private final transient ModelsDesk desk;
  private final transient ExecutorService worker;
  private boolean removable;
  private boolean changing;
  private int tasks;

  private ModelsWindow() {
    super(TITLE);
    worker =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, TITLE);
              thread.setDaemon(true);
              thread.setContextClassLoader(ModelsWindow.class.getClassLoader());
              return thread;
            });
    desk = new ModelsDesk(ModelStore.standard(), this, worker);
    layOut();
    listen();
  }

  /** Opens the window, or brings it to the front. */
  static void open() {
    if (WindowManager.getWindow(TITLE) instanceof ModelsWindow window) {
      window.toFront();
      window.desk.open();
      return;
    }
    ModelsWindow window = new ModelsWindow();
    WindowManager.addWindow(window);
    window.pack();
    GUI.centerOnImageJScreen(window);
    window.setVisible(true);
    window.desk.open();
  }

  private void layOut() {
    JPanel all = new JPanel(new BorderLayout(8, 8));
    all.setBorder(BorderFactory.createEmptyBorder(8, 8, 8, 8));
    Font plain = list.getFont().deriveFont(Font.PLAIN);
    list.setFont(plain);
    line.setFont(plain);
    picture.setFont(plain);
    list.setSelectionMode(ListSelectionModel.SINGLE_SELECTION);
    JScrollPane left = new JScrollPane(list);
    left.setPreferredSize(new Dimension(150, 100));
    all.add(left, BorderLayout.WEST);
    JPanel right = new JPanel(new BorderLayout(8, 8));
    picture.setPreferredSize(new Dimension(PICTURE_WIDTH, PICTURE_HEIGHT));
    right.add(picture, BorderLayout.NORTH);
    text.setEditable(false);
    text.putClientProperty(JEditorPane.HONOR_DISPLAY_PROPERTIES, true);
    text.setFont(plain);
    JScrollPane scroll =
        new JScrollPane(
            text,
            ScrollPaneConstants.VERTICAL_SCROLLBAR_ALWAYS,
            ScrollPaneConstants.HORIZONTAL_SCROLLBAR_NEVER);
    scroll.setPreferredSize(new Dimension(PICTURE_WIDTH, 320));
    right.add(scroll, BorderLayout.CENTER);
    all.add(right, BorderLayout.CENTER);
    JPanel bottom = new JPanel(new BorderLayout());
    JPanel buttons = new JPanel(new FlowLayout(FlowLayout.CENTER, 8, 0));
    JButton help = new JButton("Help");
    help.addActionListener(e -> help());
    for (JButton button : List.of(test, install, remove, read, help)) {
      buttons.add(button);
    }
    line.setBorder(BorderFactory.createEmptyBorder(0, 0, 8, 0));
    line.setPreferredSize(new Dimension(PICTURE_WIDTH, 44));
    bottom.add(line, BorderLayout.NORTH);
    bottom.add(buttons, BorderLayout.CENTER);
    all.add(bottom, BorderLayout.SOUTH);
    add(all);
  }

  private void listen() {
    list.addListSelectionListener(
        e -> {
          if (!changing && !e.getValueIsAdjusting() && list.getSelectedValue() != null) {
            desk.choose(list.getSelectedValue());
          }
        });
    test.addActionListener(e -> desk.test());
    install.addActionListener(e -> chooseSource());
    remove.addActionListener(e -> desk.remove());
    read.addActionListener(e -> desk.read());
    DroppedFiles.on(desk::install, this, list, text, picture);
  }

  /** ImageJ's dialog chooses files only; a file in a model's folder stands for it. */
  private void chooseSource() {
    OpenDialog dialog =
        new OpenDialog("Install: .zip or .onnx file, or a file in a model's folder (rdf.yaml)");
    if (dialog.getPath() != null) {
      desk.install(List.of(ModelsDesk.chosen(Path.of(dialog.getPath()))));
    }
  }

  private static void help() {
    try {
      BrowserLauncher.openURL(ModelsDesk.HELP.toString());
    } catch (IOException e) {
      IJ.error(TITLE, "See " + ModelsDesk.HELP);
    }
  }

  @Override
  public void close() {
    super.close();
    worker.shutdown();
  }

  @Override
  public void names(List<String> all, String chosen) {
    EventQueue.invokeLater(
        () -> {
          changing = true;
          names.clear();
          names.addAll(all);
          list.setSelectedValue(chosen, true);
          changing = false;
        });
  }

  @Override
  public void model(String html, Optional<byte[]> bytes, boolean canGo, String readme) {
    ImageIcon icon = bytes.map(ModelsWindow::icon).orElse(null);
    EventQueue.invokeLater(
        () -> {
          picture.setIcon(icon);
          picture.setText(icon == null ? "(no picture)" : "");
          text.setText(html);
          text.setCaretPosition(0);
          removable = canGo;
          read.setText(readme.isEmpty() ? "README" : readme);
          read.setEnabled(!readme.isEmpty());
        });
  }

  private static ImageIcon icon(byte[] bytes) {
    try {
      Image image = ImageIO.read(new ByteArrayInputStream(bytes));
      if (image == null) {
        return null;
      }
      double scale =
          Math.min(
              2,
              Math.min(
                  PICTURE_WIDTH / (double) image.getWidth(null),
                  PICTURE_HEIGHT / (double) image.getHeight(null)));
      int width = (int) Math.max(1, image.getWidth(null) * scale);
      int height = (int) Math.max(1, image.getHeight(null) * scale);
      return new ImageIcon(image.getScaledInstance(width, height, Image.SCALE_SMOOTH));
    } catch (IOException e) {
      return null; // a picture that cannot be shown is no picture
    }
  }

  @Override
  public void say(String words) {
    EventQueue.invokeLater(
        () -> {
          boolean none = words.isEmpty();
          String hint = "Drop a model's folder, .zip or .onnx file here to install it.";
          line.setText("<html>" + ModelsDesk.escaped(none ? hint : words) + "</html>");
          line.setToolTipText(none ? null : words);
        });
  }

  @Override
  public void busy(boolean busy) {
    EventQueue.invokeLater(
        () -> {
          tasks += busy ? 1 : -1;
          boolean free = tasks == 0;
          test.setEnabled(free);
          install.setEnabled(free);
          remove.setEnabled(free && removable);
        });
  }

  @Override
  public boolean confirm(String question) {
    AtomicBoolean yes = new AtomicBoolean();
    try {
      EventQueue.invokeAndWait(
          () ->
              yes.set(
                  JOptionPane.showConfirmDialog(this, question, TITLE, JOptionPane.YES_NO_OPTION)
                      == JOptionPane.YES_OPTION));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    }
    return yes.get();
  }

  @Override
  public Optional<CardDraft> complete(CardDraft draft) {
    return ModelCardDialog.complete(draft);
  }

  @Override
  public void read(String title, String words) {
    EventQueue.invokeLater(() -> new TextWindow(title + " README", words, 700, 500));
  }

  @Override
  public void browse(Path folder) {
    File file = folder.toFile();
    try {
      Desktop.getDesktop().open(file);
    } catch (IOException | UnsupportedOperationException e) {
      say("This system opens no folders; it is " + folder);
    }
  }
}
