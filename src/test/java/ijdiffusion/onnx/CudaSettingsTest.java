package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaSettingsTest {
  private static final ModelCard GAUSS = ModelCardReader.read(CardFolder.MODELS.resolve("gauss"));

  @AfterEach
  void clear() {
    List.of(CudaSettings.DEVICE, CudaSettings.MEMORY, CudaSettings.TF32)
        .forEach(System::clearProperty);
  }

  @Test
  void propertiesReachTheDevice() {
    try (FakeCuda cuda = new FakeCuda()) {
      OnnxPredictor.open(GAUSS, Device.AUTO, 1).close();
      System.setProperty("diffusion.cuda.device", "1");
      System.setProperty("diffusion.cuda.memory", " 2.5 ");
      System.setProperty("diffusion.cuda.tf32", "True");
      try (OnnxPredictor predictor = OnnxPredictor.open(GAUSS, Device.CUDA, 1)) {
        assertEquals("device 1, at most 2.5 GiB, TF32 on", predictor.deviceSettings());
      }
      assertEquals(
          List.of(new CudaSettings(0, 0, false), new CudaSettings(1, 2.5, true)), cuda.settings());
      assertEquals(2_684_354_560L, cuda.settings().get(1).bytes());
    }
    System.setProperty("diffusion.cuda.memory", "4");
    System.clearProperty("diffusion.cuda.tf32");
    assertEquals("device 1, at most 4 GiB, TF32 off", ProviderTrial.cudaSettings());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "device|-1|a whole number from 0 to 63; leave it out, or start Java with"
            + " -Ddiffusion.cuda.device=1.",
        "device|0.5|a whole number from 0 to 63; leave it out, or start Java with"
            + " -Ddiffusion.cuda.device=1.",
        "memory|0|a number of GiB from 0.1 to 1024; leave it out, or start Java with"
            + " -Ddiffusion.cuda.memory=4 for 4 GiB.",
        "memory|4GB|a number of GiB from 0.1 to 1024; leave it out, or start Java with"
            + " -Ddiffusion.cuda.memory=4 for 4 GiB.",
        "memory|NaN|a number of GiB from 0.1 to 1024; leave it out, or start Java with"
            + " -Ddiffusion.cuda.memory=4 for 4 GiB.",
        "tf32|yes|true or false; leave it out, or start Java with -Ddiffusion.cuda.tf32=true."
      })
  void badValuesAreNamedWhereverADeviceIsTried(String property, String value, String end) {
    System.setProperty("diffusion.cuda." + property, value);
    String said =
        "The system property diffusion.cuda."
            + property
            + " is \""
            + value
            + "\", but must be "
            + end;
    assertEquals(said, ProviderTrial.cudaSettings());
    try (FakeCuda cuda = new FakeCuda()) {
      for (Device device : new Device[] {Device.AUTO, Device.CUDA}) {
        DiffusionException e =
            assertThrows(
                DiffusionException.class, () -> OnnxPredictor.open(GAUSS, device, 1).close());
        assertEquals(said, e.getMessage());
      }
      OnnxPredictor.open(GAUSS, Device.CPU, 1).close(); // does not look at them
      assertEquals(List.of(), cuda.settings());
    }
  }
}
