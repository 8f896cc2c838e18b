"""A server as people write it with FastAPI: Pillow decodes, ONNX Runtime computes. Reads MODEL, a path."""

import io
import os

import numpy
import onnxruntime
from fastapi import FastAPI, UploadFile
from PIL import Image, ImageOps

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
size = session.get_inputs()[0].shape[1]
classes = ["good", "ok", "bad"]
app = FastAPI()


@app.get("/ready")
def ready():
    return {"ready": True}


@app.post("/predict")
async def predict(file: UploadFile):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(await file.read()))).convert("RGB")
    square = ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS)
    pixels = numpy.asarray(square, dtype=numpy.float32)[None] / 127.5 - 1
    logits = session.run(["output"], {"input": pixels})[0][0]
    weights = numpy.exp(logits - logits.max())
    probabilities = weights / weights.sum()
    return {
        "class": classes[int(probabilities.argmax())],
        "probabilities": dict(zip(classes, probabilities.tolist())),
    }
