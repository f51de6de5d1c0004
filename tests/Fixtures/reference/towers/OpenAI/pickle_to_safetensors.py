"""Rewrites a torch zip-pickle archive of contiguous float32 tensors as safetensors, with Python alone.

python3 pickle_to_safetensors.py open_clip_pytorch_model.bin model.safetensors
"""
import io
import json
import pickle
import struct
import sys
import zipfile


class Tensors(pickle.Unpickler):
    """Reads names, shapes and places of tensors; runs no code of the file."""

    def find_class(self, module, name):
        if name == "OrderedDict":
            return dict
        if name == "_rebuild_tensor_v2":
            return lambda storage, offset, shape, stride, *_: (storage, offset, shape, stride)
        if name == "FloatStorage":
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not expected")

    def persistent_load(self, pid):
        return pid


source, target = sys.argv[1:]
archive = zipfile.ZipFile(source)
pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
header, data = {"__metadata__": {"format": "pt"}}, bytearray()
for name, (storage, offset, shape, stride) in Tensors(io.BytesIO(archive.read(pickled))).load().items():
    count, expected = 1, []
    for length in reversed(shape):
        expected.insert(0, count)
        count *= length
    assert all(s == e or n == 1 for s, e, n in zip(stride, expected, shape)), name
    raw = archive.read(pickled[: -len("data.pkl")] + "data/" + storage[2])[4 * offset : 4 * (offset + count)]
    assert len(raw) == 4 * count, name
    header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
with open(target, "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
