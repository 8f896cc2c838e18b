# Does what steps.ts does, with PyTorch on the CPU. Prints JSON. Run by bench/training.ts:
#   python3 bench/training/steps.py <small|wide|mlp> <steps> <warm-up steps> <threads> <contiguous|channels_last> <plain|fused>
import json
import sys
import time

import torch
from torch import nn

name, steps, warm_up, threads, layout, adam = sys.argv[1], *map(int, sys.argv[2:5]), *sys.argv[5:7]
size, columns, batch_size = 64, 20, 32
torch.set_num_threads(threads)
torch.manual_seed(1)


def small():
    side = ((size - 2) // 2 - 2) // 2
    return nn.Sequential(
        nn.Conv2d(3, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * side * side, 64), nn.ReLU(), nn.Linear(64, 3),
    )


def wide():
    def block(before, after):
        convolution = nn.Conv2d(before, after, 3, padding="same", bias=False)
        return [convolution, nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)]

    blocks = block(3, 32) + block(32, 64) + block(64, 128)
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 3))


def mlp():
    return nn.Sequential(
        nn.Linear(columns, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 3)
    )


network = {"small": small, "wide": wide, "mlp": mlp}[name]()
if name == "mlp":
    examples = torch.rand(batch_size * 4, columns)
else:
    examples = torch.randint(0, 256, (batch_size * 4, 3, size, size), dtype=torch.uint8)
if layout == "channels_last":
    network = network.to(memory_format=torch.channels_last)
    examples = examples.to(memory_format=torch.channels_last)
labels = torch.arange(batch_size * 4) % 3
optimizer = torch.optim.Adam(network.parameters(), 1e-3, fused=adam == "fused")
cross_entropy = nn.CrossEntropyLoss()

times, processor = [], []
for step in range(warm_up + steps):
    rows = slice((step % 4) * batch_size, (step % 4 + 1) * batch_size)
    began, before = time.perf_counter(), time.process_time()
    batch = examples[rows] if name == "mlp" else examples[rows].float() / 127.5 - 1
    optimizer.zero_grad()
    loss = cross_entropy(network(batch), labels[rows])
    loss.backward()
    optimizer.step()
    loss.item()
    if step >= warm_up:
        times.append((time.perf_counter() - began) * 1000)
        processor.append((time.process_time() - before) * 1000)
print(json.dumps({"version": f"PyTorch {torch.__version__}", "times": times, "processor": processor}))
