"""Asks a server of the Open Inference Protocol by NVIDIA's client. Prints a line of JSON.

triton.py <host:port> <model> row <width>      the model takes FP32 [-1, width] as "input"
triton.py <host:port> <model> photo <path>     the model takes photos, BYTES [-1], as "image"
triton.py <host:port> <model> repository <width>   loads and unloads the model of rows, and asks it after each
"""

import json
import sys

import numpy
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

url, model, kind, given = sys.argv[1:]
client = http.InferenceServerClient(url)


def tensor(binary):
    if kind == "photo":
        with open(given, "rb") as file:
            values, name, datatype = numpy.array([file.read()], dtype=object), "image", "BYTES"
    else:
        values = numpy.linspace(-1, 1, 2 * int(given), dtype=numpy.float32).reshape(2, -1)
        name, datatype = "input", "FP32"
    found = http.InferInput(name, values.shape, datatype)
    found.set_data_from_numpy(values, binary_data=binary)
    return found


def ask(binary):
    """A tensor in one form; the first output comes back in the same, the second in the other."""
    wanted = [
        http.InferRequestedOutput("class", binary_data=binary),
        http.InferRequestedOutput("score", binary_data=not binary),
    ]
    result = client.infer(model, [tensor(binary)], outputs=wanted)
    names = [name.decode() if isinstance(name, bytes) else name for name in result.as_numpy("class")]
    return {"class": names, "score": result.as_numpy("score").tolist()}


def refusal():
    try:
        client.infer("no-such-model", [tensor(True)])
        return None
    except InferenceServerException as error:
        return error.message()


def state():
    index = client.get_model_repository_index()
    return next(entry for entry in index if entry["name"] == model)["state"]


def change(work, **given):
    """What a model is after it was loaded or unloaded, and what it then answers; or why it was not."""
    try:
        work(model, **given)
        return {"state": state(), "ready": client.is_model_ready(model), "class": ask(True)["class"]}
    except InferenceServerException as error:
        return error.message()


if kind == "repository":
    print(
        json.dumps(
            {
                "extensions": client.get_server_metadata()["extensions"],
                "unloaded": change(client.unload_model),
                "loaded": change(client.load_model),
                "config": change(client.load_model, config="{}"),
            }
        )
    )
    sys.exit()

print(
    json.dumps(
        {
            "live": client.is_server_live(),
            "ready": client.is_server_ready() and client.is_model_ready(model),
            "extensions": client.get_server_metadata()["extensions"],
            "versions": client.get_model_metadata(model)["versions"],
            "binary": ask(True),
            # The client sends photos as bytes only: base64 in JSON is not what it makes of them.
            "json": ask(False) if kind == "row" else None,
            "refusal": refusal(),
        }
    )
)
