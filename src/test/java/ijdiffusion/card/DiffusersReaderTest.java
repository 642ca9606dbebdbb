package ijdiffusion.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.EdmPreconditioning;
import ijdiffusion.model.ExplodingState;
import ijdiffusion.model.OutputMeaning;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.TimeInput;
import ijdiffusion.model.VarianceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiffusersReaderTest {
  private static final Path GAUSS = CardFolder.MODELS.resolve("gauss-diffusers");

  @TempDir Path temp;

  /** A card of a folder whose scheduler is told an index. */
  private ModelCard indexed(String config, String scheduler) throws IOException {
    return ModelCardReader.read(
        DiffusersFolder.flat(
            temp.resolve("folder"), DiffusersFolder.TOLD_INDEX, config, scheduler));
  }

  /** A card of a folder whose scheduler tells a fraction. */
  private ModelCard told(String config, String scheduler) throws IOException {
    return ModelCardReader.read(
        DiffusersFolder.flat(
            temp.resolve("folder"), DiffusersFolder.TOLD_SIGMA, config, scheduler));
  }

  @Test
  void folderOfPipelineNetworkAndScheduler() {
    ModelCard card = ModelCardReader.read(GAUSS);
    assertEquals("gauss-diffusers", card.name());
    assertEquals(
        "A folder that diffusers wrote: DDPMPipeline, DDPMScheduler.", card.about().description());
    for (String unknown :
        List.of(
            card.about().version(),
            card.about().domain(),
            card.about().outOfScope(),
            card.about().license(),
            card.about().attribution().get(0),
            card.about().citations().get(0))) {
      assertEquals("unknown", unknown);
    }
    assertEquals(
        new ImageTensor(
            "sample",
            1,
            4,
            Optional.empty(),
            new ValueRange(-1, 1),
            new Normalization(0, 100, 0, Optional.of(new FixedValues(0, 255, 8)))),
        card.image());
    assertEquals(
        new TimeTensor(
            "timestep", TimeInput.INDEX, TimeTensor.Type.INT64, TimeTensor.Layout.VECTOR),
        card.time());
    assertEquals(
        new OutputTensor("out_sample", Parameterization.EPSILON, 1, VarianceType.FIXED_LARGE, true),
        card.output());
    assertEquals(new Defaults(250, 10, 10, 1), card.defaults());
    assertEquals(GAUSS.resolve("unet/model.onnx"), card.weights().file());
    // the reference table of the linear schedule
    assertEquals(0.07779665836502389, card.schedule().alphaBar(500), 1e-14);
    assertEquals("gauss-diffusers", ModelCardReader.read(GAUSS.resolve("model_index.json")).name());
  }

  @Test
  void hashIsThatOfTheFileAndFollowsIt() throws IOException {
    String sums = Files.readString(CardFolder.MODELS.resolve("SHA256SUMS"));
    ModelCard card = ModelCardReader.read(GAUSS);
    String hash = card.weights().sha256();
    assertTrue(sums.contains(hash + "  gauss-diffusers/unet/model.onnx\n"), hash);
    assertEquals(Files.size(card.weights().file()), card.loadWeights().remaining());
    Path file = Files.copy(DiffusersFolder.TOLD_INDEX, temp.resolve("model.onnx"));
    Weights weights = Weights.unstated(file);
    Files.writeString(file, "one");
    String one = weights.sha256();
    assertEquals(64, one.length());
    assertEquals(one, weights.sha256());
    Files.writeString(file, "other");
    assertFalse(one.equals(weights.sha256()));
  }

  @ParameterizedTest
  @CsvSource({
    "DDPMScheduler, 1e-4, 0.02, true",
    "DDIMScheduler, 1e-4, 0.02, true",
    "RePaintScheduler, 1e-4, 0.02, true",
    "PNDMScheduler, 1e-4, 0.02, false",
    "EulerDiscreteScheduler, 1e-4, 0.02, false",
    "EulerAncestralDiscreteScheduler, 1e-4, 0.02, false",
    "HeunDiscreteScheduler, 0.00085, 0.012, false",
    "LMSDiscreteScheduler, 1e-4, 0.02, false",
    "DPMSolverMultistepScheduler, 1e-4, 0.02, false",
    "DPMSolverSinglestepScheduler, 1e-4, 0.02, false",
    "UniPCMultistepScheduler, 1e-4, 0.02, false",
  })
  void defaultsOfClassesWithBetas(String name, double start, double end, boolean clip)
      throws IOException {
    ModelCard card = indexed("", name + "\"");
    double product = 1;
    for (int t = 0; t < 1000; t++) {
      product *= 1 - (start * (999 - t) + end * t) / 999;
      assertEquals(product, card.schedule().alphaBar(t), 1e-12 * product);
    }
    assertEquals(1000, card.schedule().size());
    assertEquals(Parameterization.EPSILON, card.output().meaning());
    assertEquals(TimeInput.INDEX, card.time().meaning());
    assertEquals(VarianceType.FIXED_SMALL, card.variance());
    assertEquals(clip, card.clip());
    assertEquals(new ValueRange(-1, 1), card.valueRange());
    assertEquals(name.startsWith("RePaint") ? 0 : 1, card.defaults().eta());
    assertEquals(2, card.sizeMultiple());
  }

  @Test
  void defaultsOfScoreSdeVe() throws IOException {
    ModelCard card = told(", \"time_embedding_type\": \"fourier\"", "ScoreSdeVeScheduler\"");
    assertEquals(new ExplodingState(Parameterization.SCORE), card.output().meaning());
    assertEquals(TimeInput.SIGMA, card.time().meaning());
    assertEquals(TimeTensor.Type.FLOAT32, card.time().type());
    assertEquals(new ValueRange(0, 1), card.valueRange());
    assertFalse(card.clip());
    assertEquals(2000, card.schedule().size());
    assertEquals(0.01, card.schedule().level(0).noiseToSignal(), 1e-15);
    // the first three of diffusers' own discrete_sigmas
    assertEquals(1348, card.schedule().level(1999).noiseToSignal(), 1e-9);
    assertEquals(1340.06, card.schedule().level(1998).noiseToSignal(), 0.01);
    assertEquals(1332.16, card.schedule().level(1997).noiseToSignal(), 0.01);
  }

  @Test
  void defaultsOfScoreSdeVp() throws IOException {
    ModelCard card = told("", "ScoreSdeVpScheduler\"");
    assertEquals(Parameterization.EPSILON, card.output().meaning());
    assertEquals(TimeInput.CONTINUOUS, card.time().meaning());
    assertEquals(2000, card.schedule().size());
    assertEquals(Math.exp(-10.05), card.schedule().alphaBar(1999), 1e-18);
    assertFalse(card.clip());
    assertEquals(new ValueRange(-1, 1), card.valueRange());
  }

  @ParameterizedTest
  @ValueSource(strings = {"EDMEulerScheduler", "EDMDPMSolverMultistepScheduler"})
  void defaultsOfEdm(String name) throws IOException {
    ModelCard card = told("", name + "\"");
    assertEquals(new EdmPreconditioning(0.5), card.output().meaning());
    assertEquals(TimeInput.LOG_SIGMA_QUARTER, card.time().meaning());
    assertEquals(1000, card.schedule().size());
    assertEquals(0.002, card.schedule().level(0).noiseToSignal(), 1e-15);
    assertEquals(80, card.schedule().level(999).noiseToSignal(), 1e-12);
    // rho 7: the seventh roots are evenly spaced
    double middle = (6 * Math.pow(0.002, 1 / 7.0) + 3 * Math.pow(80, 1 / 7.0)) / 9;
    assertEquals(Math.pow(middle, 7), card.schedule().level(333).noiseToSignal(), 1e-12);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DDPMScheduler\", \"prediction_type\": \"sample\" | X0",
        "DDPMScheduler\", \"prediction_type\": \"v_prediction\" | V",
        "DDPMScheduler\", \"predict_epsilon\": false | X0",
        "DDPMScheduler\", \"predict_epsilon\": true | EPSILON",
        "EulerDiscreteScheduler\", \"prediction_type\": \"original_sample\" | X0",
        "DDIMScheduler\", \"prediction_type\": \"v_prediction\", \"rescale_betas_zero_snr\": true | V",
      })
  void predictionTypes(String scheduler, Parameterization expected) throws IOException {
    ModelCard card = indexed("", scheduler);
    assertEquals(expected, card.output().meaning());
    if (scheduler.contains("rescale")) {
      assertEquals(0, card.schedule().alphaBar(999));
      assertEquals(0.9999, card.schedule().alphaBar(0), 1e-15);
    }
  }

  @Test
  void otherFields() throws IOException {
    assertEquals(
        new ValueRange(0, 1),
        indexed(", \"center_input_sample\": true", "DDPMScheduler\"").valueRange());
    assertFalse(
        indexed("", "DDPMScheduler\", \"clip_sample\": false, \"clip_sample_range\": 3").clip());
    assertTrue(indexed("", "HeunDiscreteScheduler\", \"clip_sample\": true").clip());
    // Euler has no such field, whatever is left of another class
    assertFalse(indexed("", "EulerDiscreteScheduler\", \"clip_sample\": true").clip());
    assertTrue(
        indexed("", "DDIMScheduler\", \"clip_sample\": false, \"thresholding\": true").clip());
    assertEquals(0.5, indexed("", "RePaintScheduler\", \"eta\": 0.5").defaults().eta());
    ModelCard few = indexed("", "DDPMScheduler\", \"trained_betas\": [0.1, 0.2, 0.5]");
    assertEquals(3, few.schedule().size());
    assertEquals(0.36, few.schedule().alphaBar(2), 1e-15);
    assertEquals(new Defaults(3, 2, 10, 1), few.defaults());
    // data of unit variance: F = -v
    String edm = "EDMEulerScheduler\", \"prediction_type\": \"v_prediction\", \"sigma_data\": 1.0";
    OutputMeaning meaning = told("", edm).output().meaning();
    assertEquals(Parameterization.V, meaning);
    ModelCard geometric =
        told("", "EDMEulerScheduler\", \"sigma_schedule\": \"exponential\", \"sigma_max\": 20");
    double expected = 0.002 * Math.pow(1e4, 333 / 999.0);
    assertEquals(expected, geometric.schedule().level(333).noiseToSignal(), 1e-12);
  }

  @Test
  void cardBesideItCountsAndCatalogueListsIt() throws IOException {
    Path folder =
        DiffusersFolder.flat(
            temp.resolve("folder"), DiffusersFolder.TOLD_INDEX, "", "DDIMScheduler\"");
    ModelCatalogue catalogue = new ModelCatalogue(List.of(temp));
    assertTrue(catalogue.names().contains("folder"));
    assertEquals("folder", catalogue.find("folder").name());
    Files.writeString(folder.resolve("rdf.yaml"), CardFolder.text("gauss"));
    assertEquals("Test model gauss", new ModelCatalogue(List.of(temp)).find("folder").name());
  }

  @Test
  void jsonMayHaveTabsAndNoSpaces() throws IOException {
    Path folder =
        DiffusersFolder.flat(
            temp.resolve("folder"), DiffusersFolder.TOLD_INDEX, "", "DDIMScheduler\"");
    Files.writeString(
        folder.resolve("scheduler_config.json"),
        "{\n\t\"_class_name\":\"DDIMScheduler\",\n\t\"beta_start\":1e-03,\"trained_betas\":null\n}");
    assertEquals(0.999, ModelCardReader.read(folder).schedule().alphaBar(0), 1e-15);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FlowMatchEulerDiscreteScheduler\" | scheduler_config.json: _class_name is \"FlowMatchEulerDiscreteScheduler\", so the network was trained by flow matching, whose states are not those of a diffusion; choose another model.",
        "UniPCMultistepScheduler\", \"prediction_type\": \"flow_prediction\" | prediction_type is \"flow_prediction\", so the network was trained by flow matching",
        "UniPCMultistepScheduler\", \"use_flow_sigmas\": true | use_flow_sigmas is \"true\", so the network was trained by flow matching",
        "LCMScheduler\" | _class_name is \"LCMScheduler\", but must be one of DDPMScheduler, DDIMScheduler",
        "DDPMScheduler\", \"beta_schedule\": \"squared\" | beta_schedule is \"squared\", but must be one of linear, scaled_linear, squaredcos_cap_v2, sigmoid, exp, laplace.",
        "DDPMScheduler\", \"beta_end\": 1.5 | beta_end is \"1.5\", but must be above 0 and below 1.",
        "DDPMScheduler\", \"num_train_timesteps\": 1 | num_train_timesteps is \"1\", but must be an integer from 2 to 100000.",
        "DDPMScheduler\", \"trained_betas\": [0.1] | trained_betas is [0.1], but must be a list of at least 2 numbers.",
        "DDPMScheduler\", \"prediction_type\": \"noise\" | prediction_type is \"noise\", but must be one of epsilon, sample",
        "DDPMScheduler\", \"variance_type\": \"learned\" | variance_type is \"learned\", which diffusers takes for the variance itself",
        "DDPMScheduler\", \"variance_type\": \"learned_range\" | config.json: out_channels is \"1\", as in_channels, which contradicts variance_type learned_range in scheduler_config.json: that takes twice as many.",
        "DDPMScheduler\", \"clip_sample_range\": 3.0 | clip_sample_range is \"3.0\", but must be 1.0, the limit of clean images, unless clip_sample is false.",
        "DDIMScheduler\", \"thresholding\": true, \"sample_max_value\": 1.5 | sample_max_value is \"1.5\", but must be 1.0",
        "DDIMScheduler\", \"rescale_betas_zero_snr\": true | rescale_betas_zero_snr is \"true\", which leaves no signal at the last level",
        "EulerDiscreteScheduler\", \"timestep_type\": \"continuous\" | timestep_type is \"continuous\", but must be discrete",
        "EDMEulerScheduler\", \"prediction_type\": \"v_prediction\" | prediction_type is \"v_prediction\", but must be epsilon, or v_prediction where sigma_data is 1, not 0.5.",
        "EDMEulerScheduler\", \"sigma_max\": 0.001 | sigma_max is \"0.001\", but must be above sigma_min, up to 1e5.",
        "EDMEulerScheduler\", \"rho\": 0 | rho is \"0\", but must be from 1 to 100.",
        "ScoreSdeVpScheduler\", \"beta_max\": 0.05 | beta_max is \"0.05\", but must be such that 1e-3 <= beta_min <= beta_max <= 40.",
        "ScoreSdeVeScheduler\" | model.onnx: input \"timestep\" is int64, but the scheduler tells the network a fraction; export it with float32, or write a model card (rdf.yaml) beside it.",
      })
  void refusedSchedulers(String scheduler, String said) {
    DiffusionException e = assertThrows(DiffusionException.class, () -> indexed("", scheduler));
    assertTrue(e.getMessage().startsWith("Diffusers folder " + temp.resolve("folder") + ": "));
    assertTrue(e.getMessage().contains(said), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"_class_name\": \"UNet2DConditionModel\", \"cross_attention_dim\": 768 | config.json: _class_name is \"UNet2DConditionModel\", but must be UNet2DModel, a network that sees an image and a time; those that see texts, classes or latents cannot be used.",
        "\"class_embed_type\": \"timestep\" | class_embed_type is \"timestep\", so the network must be told a class, which this version cannot do.",
        "\"num_class_embeds\": 10 | num_class_embeds is \"10\", so the network must be told a class",
        "\"encoder_hid_dim\": 10 | encoder_hid_dim is \"10\", so the network must be told a text",
        "\"time_embedding_type\": \"fourier\" | time_embedding_type is \"fourier\", a network that is told sigma, which contradicts DDPMScheduler; write a model card (rdf.yaml) beside it.",
        "\"out_channels\": 2 | out_channels is \"2\", twice in_channels, but scheduler_config.json does not say what the second half is: write \"variance_type\": \"learned_range\" there where it is a variance in Nichol and Dhariwal's way, or else a model card (rdf.yaml) beside it.",
        "\"in_channels\": 2 | out_channels is \"1\", but in_channels is 2: the network sees more than a noisy image; write a model card (rdf.yaml) with a condition beside it.",
      })
  void refusedNetworks(String config, String said) {
    DiffusionException e =
        assertThrows(DiffusionException.class, () -> indexed(", " + config, "DDPMScheduler\""));
    assertTrue(e.getMessage().contains(said), e.getMessage());
  }

  @Test
  void learnedRangeTakesTwiceTheChannels() throws IOException {
    ModelCard card =
        indexed(", \"out_channels\": 2", "DDIMScheduler\", \"variance_type\": \"learned_range\"");
    assertEquals(VarianceType.LEARNED_RANGE, card.variance());
    assertEquals(2, card.output().channels());
  }

  @Test
  void pipelinesOfMoreThanImagesAreRefused() throws IOException {
    Path folder = Files.createDirectory(temp.resolve("sd"));
    Files.writeString(
        folder.resolve("model_index.json"),
        "{\"_class_name\": \"LDMPipeline\", \"safety_checker\": [null, null],"
            + " \"unet\": [\"diffusers\", \"UNet2DModel\"],"
            + " \"vqvae\": [\"diffusers\", \"VQModel\"]}");
    assertTrue(new ModelCatalogue(List.of(temp)).names().contains("sd"));
    DiffusionException e =
        assertThrows(DiffusionException.class, () -> ModelCardReader.read(folder));
    assertEquals(
        "Diffusers folder "
            + folder
            + ": model_index.json: vqvae is [diffusers, VQModel], so this is a pipeline with texts,"
            + " classes, latents or a network of another kind; only a unet and a scheduler that work"
            + " on the images themselves can be used.",
        e.getMessage());
  }

  @Test
  void missingAndDamagedFiles() throws IOException {
    Path folder =
        DiffusersFolder.flat(
            temp.resolve("folder"), DiffusersFolder.TOLD_INDEX, "", "DDIMScheduler\"");
    Files.writeString(folder.resolve("config.json"), "{\"a\": ");
    String said = refusal(folder);
    assertTrue(said.contains(": config.json: it is not valid YAML, line 1"), said);
    Files.writeString(folder.resolve("config.json"), "[1]");
    assertTrue(refusal(folder).contains("config.json is not a JSON object."));
    Files.writeString(folder.resolve("config.json"), DiffusersFolder.config(""));
    Files.delete(folder.resolve("model.onnx"));
    assertTrue(
        refusal(folder)
            .contains(
                "it holds no model.onnx; export its UNet2DModel to ONNX and put the file there."));
    Files.writeString(folder.resolve("model.onnx"), "no network");
    assertTrue(refusal(folder).contains(" is not an ONNX model or is damaged ("));
    Files.write(
        folder.resolve("model.onnx"),
        Files.readAllBytes(CardFolder.MODELS.resolve("gauss-int64/model.onnx")));
    assertTrue(
        refusal(folder)
            .contains(
                "model.onnx has the inputs sample, timestep and the outputs noise_pred, but must"
                    + " have the inputs sample, timestep and the output out_sample; give them these"
                    + " names when you export it, or write a model card (rdf.yaml) beside it."));
    Files.delete(folder.resolve("scheduler_config.json"));
    Files.writeString(folder.resolve("model_index.json"), "{\"_class_name\": \"DDPMPipeline\"}");
    assertTrue(
        refusal(folder)
            .contains(
                "it holds no scheduler/scheduler_config.json; get a whole copy of the model."));
  }

  private static String refusal(Path folder) {
    return assertThrows(DiffusionException.class, () -> ModelCardReader.read(folder)).getMessage();
  }
}
