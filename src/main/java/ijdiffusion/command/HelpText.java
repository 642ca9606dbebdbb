package ijdiffusion.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a dialog's Help button shows: the command's section of docs/commands.md, which is packed
 * with the program, so that it is of this version and there without a network.
 */
final class HelpText {
  private static final String RESOURCE = "/ijdiffusion/help/commands.md";
  private static final String SITE = "https://github.com/ij-diffusion/ij-diffusion/blob/main/docs/";
  private static final String SHARED = "Keys of all commands";
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern LINK = Pattern.compile("\\[([^]]+)]\\(([^)]+)\\)");
  private static final Pattern EMPHASIS = Pattern.compile("\\*([^*]+)\\*");
  private static final Pattern RULE = Pattern.compile("\\|[-| :]+\\|");

  private HelpText() {}

  /**
   * Help on a command.
   *
   * @param label its label in the menu
   * @return an HTML page
   */
  static String of(String label) {
    // the section of three commands has the names of all in its heading
    String name = MenuPlugIn.title(label).replace("Diffusion ", "");
    StringBuilder out = new StringBuilder("<html><body>");
    for (String section : text().split("(?m)^## ")) {
      String heading = section.lines().findFirst().orElse("");
      if (heading.matches("Diffusion\\b.*\\b" + Pattern.quote(name) + "\\b.*")) {
        out.append(html("## " + section));
      }
    }
    for (String section : text().split("(?m)^## ")) {
      if (section.startsWith(SHARED) && sharesKeys(label)) {
        out.append(html("## " + section));
      }
    }
    return out.append("</body></html>").toString();
  }

  private static boolean sharesKeys(String label) {
    return Commands.create(label) instanceof ImageCommand;
  }

  private static String text() {
    try (InputStream in = HelpText.class.getResourceAsStream(RESOURCE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As much of Markdown as our pages use: headings, tables, lists and paragraphs. */
  static String html(String markdown) {
    StringBuilder out = new StringBuilder();
    for (String block : markdown.split("\\R\\s*\\R")) {
      List<String> lines = block.lines().toList();
      if (lines.isEmpty() || block.isBlank()) {
        continue;
      }
      String first = lines.get(0);
      if (first.startsWith("## ")) {
        out.append("<h2>").append(inline(first.substring(3))).append("</h2>");
        lines = lines.subList(1, lines.size());
      }
      if (!lines.isEmpty()) {
        out.append(body(lines));
      }
    }
    return out.toString();
  }

  private static String body(List<String> lines) {
    if (lines.get(0).startsWith("|")) {
      return table(lines);
    }
    if (lines.get(0).startsWith("- ")) {
      StringBuilder out = new StringBuilder("<ul>");
      for (String item : String.join(" ", lines).replaceFirst("- ", "").split(" - (?=[A-Z])")) {
        out.append("<li>").append(inline(item.strip())).append("</li>");
      }
      return out.append("</ul>").toString();
    }
    return "<p>" + inline(String.join(" ", lines)) + "</p>";
  }

  private static String table(List<String> lines) {
    StringBuilder out = new StringBuilder("<table border=1 cellspacing=0 cellpadding=3>");
    for (String line : lines) {
      if (RULE.matcher(line).matches()) {
        continue;
      }
      out.append("<tr valign=top>");
      for (String cell : line.substring(1, line.lastIndexOf('|')).split("\\|", -1)) {
        out.append("<td>").append(inline(cell.strip())).append("</td>");
      }
      out.append("</tr>");
    }
    return out.append("</table>").toString();
  }

  private static String inline(String text) {
    String safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    // code is taken out first: stars and brackets in it mean nothing
    List<String> codes = new ArrayList<>();
    Matcher code = CODE.matcher(safe);
    String rest =
        code.replaceAll(
            found -> {
              codes.add(found.group(1));
              return "\0" + (codes.size() - 1) + "\0";
            });
    rest = EMPHASIS.matcher(rest).replaceAll("<i>$1</i>");
    rest =
        LINK.matcher(rest)
            .replaceAll(
                found ->
                    Matcher.quoteReplacement(
                        "<a href=\"" + address(found.group(2)) + "\">" + found.group(1) + "</a>"));
    for (int i = 0; i < codes.size(); i++) {
      rest = rest.replace("\0" + i + "\0", "<code>" + codes.get(i) + "</code>");
    }
    return rest;
  }

  private static String address(String link) {
    if (link.startsWith("#")) {
      return SITE + "commands.md" + link;
    }
    return link.startsWith("http") ? link : SITE + link;
  }
}
