"""Asks a server of the Open Inference Protocol by NVIDIA's client for gRPC. Prints a line of JSON.

triton_grpc.py <host:port> <model> row <width>      the model takes FP32 [-1, width] as "input"
triton_grpc.py <host:port> <model> photo <path>     the model takes photos, BYTES [-1], as "image"
triton_grpc.py <host:port> <model> repository <width>   loads and unloads the model of rows, and asks it after each
"""

import json
import sys

import numpy
import tritonclient.grpc as grpc
from tritonclient.utils import InferenceServerException

url, model, kind, given = sys.argv[1:]
client = grpc.InferenceServerClient(url)


def tensor():
    if kind == "photo":
        with open(given, "rb") as file:
            values, name, datatype = numpy.array([file.read()], dtype=object), "image", "BYTES"
    else:
        values = numpy.linspace(-1, 1, 2 * int(given), dtype=numpy.float32).reshape(2, -1)
        name, datatype = "input", "FP32"
    found = grpc.InferInput(name, values.shape, datatype)
    found.set_data_from_numpy(values)
    return found


def ask():
    wanted = [grpc.InferRequestedOutput(name) for name in ("class", "score")]
    result = client.infer(model, [tensor()], outputs=wanted, client_timeout=20)
    names = [name.decode() for name in result.as_numpy("class")]
    return {"class": names, "score": result.as_numpy("score").tolist()}


def refusal():
    try:
        client.infer("no-such-model", [tensor()])
        return None
    except InferenceServerException as error:
        return {"status": error.status(), "message": error.message()}


def state():
    return next(one for one in client.get_model_repository_index().models if one.name == model).state


def change(work, **given):
    """What a model is after it was loaded or unloaded, and what it then answers; or why it was not."""
    try:
        work(model, **given)
        return {"state": state(), "ready": client.is_model_ready(model), "class": ask()["class"]}
    except InferenceServerException as error:
        return {"status": error.status(), "message": error.message()}


if kind == "repository":
    print(
        json.dumps(
            {
                "unloaded": change(client.unload_model),
                "loaded": change(client.load_model),
                "config": change(client.load_model, config="{}"),
            }
        )
    )
    sys.exit()

metadata = client.get_model_metadata(model)
print(
    json.dumps(
        {
            "live": client.is_server_live(),
            "ready": client.is_server_ready() and client.is_model_ready(model),
            "name": client.get_server_metadata().name,
            "versions": list(metadata.versions),
            "inputs": [[one.name, one.datatype, list(one.shape)] for one in metadata.inputs],
            "answer": ask(),
            "refusal": refusal(),
        }
    )
)
