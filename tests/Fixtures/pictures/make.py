"""Makes the pictures of this folder and pictures.json: what Pillow 9.4.0 reads from each (see README.md)."""
import hashlib
import io
import json
import pathlib
import random
import struct
import zlib

import numpy as np
from PIL import Image, __version__

HERE = pathlib.Path(__file__).parent
RNG = np.random.default_rng(20)
random.seed(20)
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def filtered(rows, pixel_bytes):
    """Each row with a filter of its own, so that all five occur."""
    out, above = bytearray(), bytes(len(rows[0]))
    for number, row in enumerate(rows):
        kind = (number + 4) % 5
        out.append(kind)
        for x, value in enumerate(row):
            a = row[x - pixel_bytes] if x >= pixel_bytes else 0
            b = above[x]
            c = above[x - pixel_bytes] if x >= pixel_bytes else 0
            out.append((value - (0, a, b, (a + b) // 2, paeth(a, b, c))[kind]) & 255)
        above = row
    return bytes(out)


def png16(kind, samples, interlaced):
    height, width, channels = samples.shape
    raw = b""
    for x, y, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx]
        if part.size:
            raw += filtered([row.astype(">u2").tobytes() for row in part], channels * 2)
    data = zlib.compress(raw, 9)
    half = len(data) // 2
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, interlaced))
            + chunk(b"IDAT", data[:half]) + chunk(b"IDAT", data[half:]) + chunk(b"IEND", b""))


def codes(indices, bits):
    """Indices as LZW codes that never build the table: a clear code comes before it would grow."""
    clear, width = 1 << bits, bits + 1
    value = count = 0
    packed = bytearray()
    stream = [c for n, i in enumerate(indices) for c in ([clear, i] if n % (clear - 2) == 0 else [i])] + [clear + 1]
    for code in stream:
        value |= code << count
        count += width
        while count >= 8:
            packed.append(value & 255)
            value, count = value >> 8, count - 8
    packed.append(value)
    blocks = b"".join(bytes([len(packed[i:i + 255])]) + packed[i:i + 255] for i in range(0, len(packed), 255))
    return bytes([bits]) + blocks + b"\0"


def gif(screen, frame, bits, palette, local, transparent):
    width, height = frame[2:]
    data = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x70 | (0x80 | bits - 1 if palette else 0), 1, 0) + palette
    data += b"\x21\xfe\x04note\0"
    if transparent is not None:
        data += b"\x21\xf9\x04" + bytes([1, 0, 0, transparent]) + b"\0"
    data += b"," + struct.pack("<HHHHB", *frame, 0x80 | bits - 1 if local else 0) + local
    return data + codes([random.randrange(1 << bits) for _ in range(width * height)], bits) + b";"


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def smooth(width, height, channels):
    coarse = RNG.integers(0, 256, (5, 6, channels), dtype=np.uint8)
    planes = [Image.fromarray(coarse[..., c]).resize((width, height), Image.BICUBIC) for c in range(channels)]
    return np.stack([np.asarray(plane) for plane in planes], -1)


def pictures():
    for name, kind, channels in [("grey", 0, 1), ("rgb", 2, 3), ("greyalpha", 4, 2), ("rgba", 6, 4)]:
        for interlaced in (0, 1):
            samples = RNG.integers(0, 65536, (21, 18, channels))
            yield f"png16_{name}_{interlaced}.png", png16(kind, samples, interlaced)
            yield f"png16_{name}_3x2_{interlaced}.png", png16(kind, samples[:2, :3], interlaced)
    yield "png16_grey_low.png", png16(0, RNG.integers(0, 400, (19, 23, 1)), 0)

    colors = bytes(RNG.integers(0, 256, 24, dtype=np.uint8))
    others = bytes(RNG.integers(0, 256, 24, dtype=np.uint8))
    for transparent in (None, 0, 5):
        for name, palette, local in [("global", colors, b""), ("local", b"", others), ("both", colors, others)]:
            yield f"gif_{name}_{transparent}.gif", gif((11, 9), (0, 0, 11, 9), 3, palette, local, transparent)
            yield f"gif_{name}_{transparent}_part.gif", gif((11, 9), (2, 3, 5, 4), 3, palette, local, transparent)
    yield "gif_beyond.gif", gif((11, 9), (2, 3, 5, 4), 3, colors, b"", 200)

    rgb = Image.fromarray(smooth(67, 45, 3))
    rgba = Image.fromarray(np.dstack([smooth(67, 45, 3), smooth(67, 45, 1) // 128 * 255]), "RGBA")
    for subsampling in (0, 1, 2):
        yield f"jpeg_{subsampling}.jpg", saved(rgb, "JPEG", subsampling=subsampling, quality=80)
        yield f"jpeg_{subsampling}_progressive.jpg", saved(rgb, "JPEG", subsampling=subsampling, progressive=True)
    yield "jpeg_cmyk.jpg", saved(Image.fromarray(smooth(67, 45, 4), "CMYK"), "JPEG")
    yield "webp_lossy_alpha.webp", saved(rgba, "WEBP", quality=60)
    yield "webp_lossless_alpha.webp", saved(rgba, "WEBP", lossless=True)
    yield "webp_animation.webp", saved(rgba, "WEBP", save_all=True, append_images=[rgba.rotate(180)])
    yield "gif_animation.gif", saved(rgba, "GIF", save_all=True, append_images=[rgba.rotate(180)])
    yield "bmp_palette.bmp", saved(rgb.quantize(30), "BMP")
    yield "bmp_alpha.bmp", saved(rgba, "BMP")


def main():
    expected = {}
    for name, data in pictures():
        (HERE / name).write_bytes(data)
        rgb = Image.open(HERE / name).convert("RGB")
        expected[name] = {"size_wh": rgb.size, "rgb_sha256": hashlib.sha256(rgb.tobytes()).hexdigest()}
    rows = ",\n".join(f'    "{name}": {json.dumps(row)}' for name, row in sorted(expected.items()))
    (HERE / "pictures.json").write_text(f'{{\n  "pillow": "{__version__}",\n  "pictures": {{\n{rows}\n  }}\n}}\n')


main()
