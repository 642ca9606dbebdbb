/**
 * The commands, and the ways to call them: ImageJ's menu and macros, SciJava, and the command line.
 * A parameter is declared once, as an annotated field of its command; dialog, recorder, macro
 * options and command line are made from it.
 */
package ijdiffusion.command;
