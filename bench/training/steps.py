# Does what steps.ts does, with PyTorch on the CPU, one thread. Prints JSON. Run by bench/training.ts:
#   python3 bench/training/steps.py <steps> <warm-up steps> <contiguous|channels_last>
import json
import sys
import time

import torch
from torch import nn

steps, warm_up, layout = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
size, batch_size = 64, 32
torch.set_num_threads(1)
torch.manual_seed(1)

side = ((size - 2) // 2 - 2) // 2
network = nn.Sequential(
    nn.Conv2d(3, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(32 * side * side, 64), nn.ReLU(), nn.Linear(64, 3),
)
pixels = torch.randint(0, 256, (batch_size * 4, 3, size, size), dtype=torch.uint8)
if layout == "channels_last":
    network = network.to(memory_format=torch.channels_last)
    pixels = pixels.to(memory_format=torch.channels_last)
labels = torch.arange(batch_size * 4) % 3
optimizer = torch.optim.Adam(network.parameters(), 1e-3)
cross_entropy = nn.CrossEntropyLoss()

times, processor = [], []
for step in range(warm_up + steps):
    rows = slice((step % 4) * batch_size, (step % 4 + 1) * batch_size)
    began, before = time.perf_counter(), time.process_time()
    batch = pixels[rows].float() / 127.5 - 1
    optimizer.zero_grad()
    loss = cross_entropy(network(batch), labels[rows])
    loss.backward()
    optimizer.step()
    loss.item()
    if step >= warm_up:
        times.append((time.perf_counter() - began) * 1000)
        processor.append((time.process_time() - before) * 1000)
print(json.dumps({"version": f"PyTorch {torch.__version__}", "times": times, "processor": processor}))
