"""A server as people write it with BentoML: Pillow decodes, ONNX Runtime computes. Reads MODEL, a path."""

import os
from pathlib import Path

import bentoml
import numpy
import onnxruntime
from PIL import Image, ImageOps

classes = ["good", "ok", "bad"]


@bentoml.service(workers=2)
class Pumpkins:
    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
        self.size = self.session.get_inputs()[0].shape[1]

    @bentoml.api
    def predict(self, file: Path) -> dict:
        image = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
        square = ImageOps.fit(image, (self.size, self.size), Image.Resampling.LANCZOS)
        pixels = numpy.asarray(square, dtype=numpy.float32)[None] / 127.5 - 1
        logits = self.session.run(["output"], {"input": pixels})[0][0]
        weights = numpy.exp(logits - logits.max())
        probabilities = weights / weights.sum()
        return {
            "class": classes[int(probabilities.argmax())],
            "probabilities": dict(zip(classes, probabilities.tolist())),
        }
