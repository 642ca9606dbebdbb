package ijdiffusion.command;

import java.awt.Component;
import java.awt.datatransfer.DataFlavor;
import java.awt.datatransfer.Transferable;
import java.awt.datatransfer.UnsupportedFlavorException;
import java.awt.dnd.DnDConstants;
import java.awt.dnd.DropTarget;
import java.awt.dnd.DropTargetAdapter;
import java.awt.dnd.DropTargetDropEvent;
import java.io.File;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Files and folders that are dropped on a window. */
final class DroppedFiles extends DropTargetAdapter {
  private final Consumer<List<Path>> taker;

  DroppedFiles(Consumer<List<Path>> taker) {
    this.taker = taker;
  }

  /** Takes what is dropped on any of these; each needs a target of its own. */
  static void on(Consumer<List<Path>> taker, Component... components) {
    for (Component component : components) {
      component.setDropTarget(
          new DropTarget(component, DnDConstants.ACTION_COPY, new DroppedFiles(taker), true));
    }
  }

  @Override
  public void drop(DropTargetDropEvent event) {
    event.acceptDrop(DnDConstants.ACTION_COPY);
    List<Path> paths = paths(event.getTransferable());
    event.dropComplete(!paths.isEmpty());
    if (!paths.isEmpty()) {
      taker.accept(paths);
    }
  }

  /** The files that are carried; none where it is something else. */
  static List<Path> paths(Transferable carried) {
    List<Path> paths = new ArrayList<>();
    try {
      if (carried.isDataFlavorSupported(DataFlavor.javaFileListFlavor)) {
        for (Object file : (List<?>) carried.getTransferData(DataFlavor.javaFileListFlavor)) {
          paths.add(((File) file).toPath());
        }
      }
    } catch (UnsupportedFlavorException | IOException | InvalidPathException e) {
      return List.of(); // what cannot be read was not dropped
    }
    return paths;
  }
}
