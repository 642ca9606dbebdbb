/**
 * What a network is and how it wants to be spoken to, read from a file and never guessed: the model
 * card, a BioImage.IO model description ({@code rdf.yaml}) with our facts under {@code config:
 * diffusion:}. The format is specified in {@code docs/model-card.md}.
 */
package ijdiffusion.card;
