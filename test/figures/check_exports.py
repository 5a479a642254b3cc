"""ONNX's own full check over exports: every scheme, at opsets 7 to 23.

npm run build && python3 test/figures/check_exports.py [MODEL...]     (needs onnx and numpy)
Models of its own at every opset; those that are named as they are, weights alone and in integers. Prints what is invalid.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
from onnx import TensorProto, checker, helper, numpy_helper, save

CLI = ["node", "dist/cli.js"]
INTEGERS = ["--activations", "uint8", "--calibration", "synthetic"]


def weight(name, *shape):
    return numpy_helper.from_array(numpy.random.default_rng(1).normal(size=shape).astype("float32"), name)


def model(opset, ir):
    """A Conv, a Gemm and a MatMul, one weight in a Constant node, one in an initializer."""
    weights = [weight("conv_w", 8, 3, 3, 3), weight("gemm_w", 32, 16), weight("gemm_b", 16)]
    nodes = [
        helper.make_node("Constant", [], ["last_w"], value=weight("", 16, 10)),
        helper.make_node("Conv", ["x", "conv_w"], ["a"], kernel_shape=[3, 3]),
        helper.make_node("Relu", ["a"], ["r"]),
        helper.make_node("Flatten", ["r"], ["f"]),
        helper.make_node("Gemm", ["f", "gemm_w", "gemm_b"], ["g"]),
        helper.make_node("MatMul", ["g", "last_w"], ["y"]),
    ]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 4, 4])]
    if ir < 4:
        inputs += [helper.make_tensor_value_info(w.name, TensorProto.FLOAT, w.dims) for w in weights]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])]
    graph = helper.make_graph(nodes, "g", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)


def export(path, out, *options):
    run = subprocess.run([*CLI, "quantize", str(path), "-o", str(out), "--force", *options], capture_output=True, text=True)
    return run.stderr.strip() if run.returncode else None


def check(label, path, out, *options):
    problem = export(path, out, *options)
    if problem is None:
        try:
            checker.check_model(str(out), full_check=True)
        except Exception as error:  # whatever it finds
            problem = "INVALID: " + " ".join(str(error).split())
    print(f"{label}: {problem or 'valid'}", flush=True)
    return problem is None


def main():
    schemes = json.loads(subprocess.run([*CLI, "schemes", "--json"], capture_output=True, text=True, check=True).stdout)
    every = [entry["scheme"] for entry in schemes["presets"]["all"]]
    good = []
    with tempfile.TemporaryDirectory() as folder:
        source, out = pathlib.Path(folder, "model.onnx"), pathlib.Path(folder, "out.onnx")
        for opset in range(7, 24):
            for ir in {3, 8} if opset < 9 else {8 if opset < 21 else 10}:
                save(model(opset, ir), source)
                label = f"opset {opset}, IR {ir}"
                for form in ["qdq", "qoperator"]:
                    good.append(check(f"{label}, integers {form}", source, out, *INTEGERS, "--format", form))
                recipe = pathlib.Path(folder, "recipe.json")
                for scheme in every:
                    recipe.write_text(json.dumps({"version": 1, "default": scheme, "opset": "keep"}))
                    good.append(check(f"{label}, {scheme}", source, out, "--recipe", str(recipe), "--no-verify"))
        for path in sys.argv[1:]:
            good.append(check(f"{path}, int8", path, out))
            for form in ["qdq", "qoperator"]:
                good.append(check(f"{path}, integers {form}", path, out, *INTEGERS, "--format", form))
    print(f"{sum(good)} of {len(good)} are valid")
    return 0 if all(good) else 1


sys.exit(main())
