package ijdiffusion;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who may know whom. The rooms and their order are described in the root package. */
class ArchitectureTest {
  private static final String ROOT = "ijdiffusion";
  private static final JavaClasses CLASSES = mainClasses();

  /** Each room and the rooms it may use besides itself and the root, which holds exceptions. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.of(
          "tensor", Set.of(),
          "schedule", Set.of("tensor"),
          "model", Set.of("tensor", "schedule"),
          "card", Set.of("tensor", "schedule", "model"),
          "onnx", Set.of("tensor", "schedule", "model", "card"),
          "sampling", Set.of("tensor", "schedule", "model"),
          "edit", Set.of("tensor", "schedule", "model", "card", "sampling"),
          "image", Set.of("tensor", "schedule", "model", "card", "sampling", "edit"),
          "demo", Set.of("tensor", "image"),
          "command",
              Set.of(
                  "tensor",
                  "schedule",
                  "model",
                  "card",
                  "onnx",
                  "sampling",
                  "edit",
                  "image",
                  "demo"));

  @Test
  void roomsUseOnlyTheRoomsBelow() {
    classes().should(new UseOnlyTheRoomsBelow()).check(CLASSES);
  }

  @Test
  void roomsFormNoCycle() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyTheTopKnowsImageJ() {
    assertOnly(List.of("image", "command", "demo"), "ij", "ij..");
  }

  @Test
  void onlyOnnxKnowsTheRuntime() {
    assertOnly(List.of("onnx"), "ai.onnxruntime..");
  }

  @Test
  void onlyCommandKnowsSciJava() {
    assertOnly(List.of("command"), "org.scijava..");
  }

  @Test
  void onlyTheTopDraws() {
    assertOnly(List.of("image", "command", "demo"), "java.awt..", "javax.swing..");
  }

  private static JavaClasses mainClasses() {
    // names are enough: reading ImageJ's and the JDK's own classes takes most of a minute
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages(ROOT);
  }

  /** Only these rooms may depend on those packages. */
  private static void assertOnly(List<String> rooms, String... packages) {
    String[] inside = rooms.stream().map(room -> ROOT + "." + room + "..").toArray(String[]::new);
    noClasses()
        .that()
        .resideOutsideOfPackages(inside)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages)
        .check(CLASSES);
  }

  private static final class UseOnlyTheRoomsBelow extends ArchCondition<JavaClass> {
    UseOnlyTheRoomsBelow() {
      super("use only the rooms below their own");
    }

    @Override
    public void check(JavaClass from, ConditionEvents events) {
      String room = room(from);
      if (!room.isEmpty() && !MAY_USE.containsKey(room)) {
        String message = from.getName() + " is in a room the house does not have";
        events.add(SimpleConditionEvent.violated(from, message));
        return;
      }
      for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (target.getPackageName().startsWith(ROOT) && !mayUse(room, room(target))) {
          events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
        }
      }
    }

    private static boolean mayUse(String room, String other) {
      // the root is below all rooms, so it may use itself only
      return other.equals(room)
          || other.isEmpty()
          || MAY_USE.getOrDefault(room, Set.of()).contains(other);
    }

    /** The room's name; empty for the root. */
    private static String room(JavaClass c) {
      String name = c.getPackageName();
      if (name.equals(ROOT)) {
        return "";
      }
      String below = name.substring(ROOT.length() + 1);
      int dot = below.indexOf('.');
      return dot < 0 ? below : below.substring(0, dot);
    }
  }
}
