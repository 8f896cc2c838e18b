"""Asks a server of the Open Inference Protocol by KServe's client, over REST and gRPC. Prints a line of JSON.

kserve_client.py <url> <grpc host:port, or -> <model> row <width>      the model takes FP32 [-1, width] as "input"
kserve_client.py <url> <grpc host:port, or -> <model> photo <path>     the model takes photos, BYTES [-1], as "image"
"""

import asyncio
import json
import sys

import numpy
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

url, grpc, model, kind, given = sys.argv[1:]
rest = InferenceRESTClient(RESTConfig(protocol="v2", timeout=30))


def tensor(binary):
    if kind == "photo":
        with open(given, "rb") as file:
            values, name, datatype = numpy.array([file.read()], dtype=object), "image", "BYTES"
    else:
        values = numpy.linspace(-1, 1, 2 * int(given), dtype=numpy.float32).reshape(2, -1)
        name, datatype = "input", "FP32"
    found = InferInput(name, list(values.shape), datatype)
    found.set_data_from_numpy(values, binary_data=binary)
    return found


def request(binary, name=model):
    """A tensor in one form; the first output comes back in the same, the second in the other."""
    outputs = [
        RequestedOutput("class", {"binary_data": binary}),
        RequestedOutput("score", {"binary_data": not binary}),
    ]
    return InferRequest(name, [tensor(binary)], request_outputs=outputs)


def read(response):
    classes = response.get_output_by_name("class").as_numpy()
    return {
        "class": [name.decode() if isinstance(name, bytes) else name for name in classes],
        "score": response.get_output_by_name("score").as_numpy().tolist(),
    }


async def ask(binary):
    return read(await rest.infer(url, request(binary), model_name=model))


async def refusal():
    try:
        await rest.infer(url, request(True, "no-such-model"), model_name="no-such-model")
        return None
    except Exception as error:
        return str(error)


async def ask_grpc():
    async with InferenceGRPCClient(grpc, timeout=30) as client:
        ready = await client.is_server_ready() and await client.is_model_ready(model)
        wanted = [RequestedOutput("class"), RequestedOutput("score")]
        asked = InferRequest(model, [tensor(True)], request_outputs=wanted)
        return {"ready": ready, "answer": read(await client.infer(asked))}


async def main():
    ready = await rest.is_server_ready(url) and await rest.is_model_ready(url, model)
    found = {
        "live": await rest.is_server_live(url),
        "ready": ready,
        "binary": await ask(True),
        # The client sends photos as bytes only: base64 in JSON is not what it makes of them.
        "json": await ask(False) if kind == "row" else None,
        "refusal": await refusal(),
        "grpc": None if grpc == "-" else await ask_grpc(),
    }
    print(json.dumps(found))


asyncio.run(main())
