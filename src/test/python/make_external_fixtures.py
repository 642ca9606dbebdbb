"""Writes the test models whose weights lie in a file beside the ONNX file.

external is the test model mixture with its weights in weights.onnx.data, as onnx writes them, some of float16
and int64 among them. external/unet is the network of the test model gauss-diffusers in that way. broken/inner-external.onnx keeps the value of a Constant node there.

Usage: python make_external_fixtures.py   (in the folder of the project; needs onnx and numpy)
"""

import hashlib
import pathlib

import numpy as np
import onnx
from onnx import external_data_helper, helper, numpy_helper

RESOURCES = pathlib.Path("src/test/resources")
NAME = "weights.onnx.data"


def with_other_types(model):
    """Adds 0 to the output by way of float16 and int64 weights, so that those types are read as well."""
    graph = model.graph
    graph.initializer.append(numpy_helper.from_array(np.full((1, 1, 1, 1), 0.5, np.float16), "half_float"))
    graph.initializer.append(numpy_helper.from_array(np.full((1, 1, 1, 1), -3, np.int64), "integer"))
    graph.initializer.append(numpy_helper.from_array(np.full((1, 1, 1, 1), 2.5, np.float32), "rest"))
    out = graph.output[0].name
    graph.node[-1].output[0] = "before"
    graph.node.append(helper.make_node("Cast", ["half_float"], ["a"], to=onnx.TensorProto.FLOAT))
    graph.node.append(helper.make_node("Cast", ["integer"], ["b"], to=onnx.TensorProto.FLOAT))
    graph.node.append(helper.make_node("Sum", ["a", "b", "rest"], ["zero"]))
    graph.node.append(helper.make_node("Add", ["before", "zero"], [out]))
    return model


def main():
    source = RESOURCES / "models" / "mixture"
    folder = RESOURCES / "external"
    folder.mkdir(exist_ok=True)
    (folder / NAME).unlink(missing_ok=True)
    model = with_other_types(onnx.load(source / "model.onnx"))
    for tensor in model.graph.initializer:
        if tensor.name != "component_axis":  # shapes follow from it, and the runtime needs those before the weights
            tensor.raw_data = numpy_helper.to_array(tensor).tobytes()
            external_data_helper.set_external_data(tensor, NAME)
    onnx.save(model, folder / "model.onnx")
    card = (source / "rdf.yaml").read_text().replace("Test model mixture", "Test model mixture-external")
    start = card.index("sha256: ") + len("sha256: ")
    digest = lambda name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
    data = f"\n    external_data: {{source: {NAME}, sha256: {digest(NAME)}}}"
    (folder / "rdf.yaml").write_text(card[:start] + digest("model.onnx") + data + card[start + 64 :])

    (folder / "unet").mkdir(exist_ok=True)
    model = onnx.load(RESOURCES / "models" / "gauss-diffusers" / "unet" / "model.onnx")
    (folder / "unet" / "model.onnx_data").unlink(missing_ok=True)
    onnx.save(model, folder / "unet" / "model.onnx", save_as_external_data=True, location="model.onnx_data",
              size_threshold=100)

    tensor = numpy_helper.from_array(np.ones(3, np.float32), "value")
    node = helper.make_node("Constant", [], ["y"], value=tensor)
    external_data_helper.set_external_data(node.attribute[0].t, NAME)
    node.attribute[0].t.ClearField("raw_data")
    y = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [3])
    inner = helper.make_model(helper.make_graph([node], "inner", [], [y]))
    (RESOURCES / "broken" / "inner-external.onnx").write_bytes(inner.SerializeToString())


main()
