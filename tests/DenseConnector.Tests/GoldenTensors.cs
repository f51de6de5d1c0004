using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace DenseConnector.Tests;

/// <summary>
/// A minimal reader of safetensors files made by us: the tests of pictures must not rest on the product's reader.
/// </summary>
internal sealed class GoldenTensors
{
    private readonly byte[] _file;
    private readonly int _dataStart;
    private readonly JsonElement _header;

    public GoldenTensors(string path)
    {
        _file = File.ReadAllBytes(path);
        int headerBytes = checked((int)BinaryPrimitives.ReadInt64LittleEndian(_file));
        _dataStart = 8 + headerBytes;
        _header = JsonDocument.Parse(_file.AsMemory(8, headerBytes)).RootElement;
    }

    public IEnumerable<string> Names =>
        _header.EnumerateObject().Select(entry => entry.Name).Where(name => name != "__metadata__");

    public int[] Shape(string name) =>
        [.. _header.GetProperty(name).GetProperty("shape").EnumerateArray().Select(length => length.GetInt32())];

    public byte[] Bytes(string name) => Data(name, "U8").ToArray();

    public float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(Data(name, "F32")).ToArray();

    private ReadOnlySpan<byte> Data(string name, string type)
    {
        JsonElement entry = _header.GetProperty(name);
        Assert.Equal(type, entry.GetProperty("dtype").GetString());
        JsonElement offsets = entry.GetProperty("data_offsets");
        int start = offsets[0].GetInt32();
        return _file.AsSpan(_dataStart + start, offsets[1].GetInt32() - start);
    }
}
