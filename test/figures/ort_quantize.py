"""onnxruntime's own static quantizer on the same calibration files, for comparison.

python3 test/figures/ort_quantize.py MODEL OUT INPUT=FOLDER...   (needs onnxruntime 1.30, onnx and numpy)
QDQ, int8 weights per channel, uint8 activations, min-max: its usual settings. Every fifth file is left out, as Quantscope does.
"""
import os
import pathlib
import sys

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when its library is loaded

import numpy
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

model, out, *folders = sys.argv[1:]


class Files(CalibrationDataReader):
    def __init__(self):
        inputs = dict(folder.split("=", 1) for folder in folders)
        names = sorted((file.name for file in pathlib.Path(next(iter(inputs.values()))).glob("*.npy")), key=lambda n: int(n[:-4]))
        kept = [name for i, name in enumerate(names) if i % 5 != 4]
        self.samples = iter([{key: numpy.load(pathlib.Path(path) / name) for key, path in inputs.items()} for name in kept])

    def get_next(self):
        return next(self.samples, None)


prepared = out + ".prepared"
try:
    quant_pre_process(model, prepared, skip_symbolic_shape=True)
except Exception as error:  # some models cannot be prepared; they are quantized as they are
    print(f"not prepared: {error}", file=sys.stderr)
    prepared = model
quantize_static(
    prepared,
    out,
    Files(),
    quant_format=QuantFormat.QDQ,
    per_channel=True,
    weight_type=QuantType.QInt8,
    activation_type=QuantType.QUInt8,
)
if prepared != model:
    pathlib.Path(prepared).unlink()
