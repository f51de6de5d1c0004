using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace DenseConnector.Tests.Loading;

/// <summary>Puts safetensors files together, valid and other, whose data bytes tell positions apart.</summary>
internal static class SafetensorsBytes
{
    /// <summary>A file with the given header and so many bytes of data.</summary>
    public static byte[] Of(string header, int dataLength = 0) => Of(Encoding.UTF8.GetBytes(header), Data(dataLength));

    /// <summary>A file with the given header and data.</summary>
    public static byte[] Of(ReadOnlySpan<byte> header, ReadOnlySpan<byte> data) =>
        [.. Length((ulong)header.Length), .. header, .. data];

    /// <summary>A valid file of byte vectors, one after the other.</summary>
    public static byte[] OfTensors(params (string Name, int Length)[] tensors)
    {
        int position = 0;
        List<string> entries = [];
        foreach ((string name, int length) in tensors)
        {
            entries.Add(Entry(name, "U8", $"[{length}]", position, position + length));
            position += length;
        }

        return Of($"{{{string.Join(',', entries)}}}", position);
    }

    /// <summary>A valid file of tensors with the given bytes, one after the other.</summary>
    public static byte[] OfTensors(
        params IEnumerable<(string Name, string Type, IReadOnlyList<long> Shape, byte[] Data)> tensors)
    {
        int position = 0;
        List<string> entries = [];
        List<byte> data = [];
        foreach ((string name, string type, IReadOnlyList<long> shape, byte[] bytes) in tensors)
        {
            entries.Add(Entry(name, type, $"[{string.Join(',', shape)}]", position, position + bytes.Length));
            data.AddRange(bytes);
            position += bytes.Length;
        }

        return Of(Encoding.UTF8.GetBytes($"{{{string.Join(',', entries)}}}"), data.ToArray());
    }

    /// <summary>A float32 tensor as <c>OfTensors</c> takes it.</summary>
    public static (string Name, string Type, IReadOnlyList<long> Shape, byte[] Data) Floats(
        string name, long[] shape, params float[] values) =>
        (name, "F32", shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>One tensor's key and description.</summary>
    public static string Entry(string name, string type, string shape, long begin, long end) =>
        $"\"{name}\":{{\"dtype\":\"{type}\",\"shape\":{shape},\"data_offsets\":[{begin},{end}]}}";

    /// <summary>The eight bytes before the header.</summary>
    public static byte[] Length(ulong length)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        return bytes;
    }

    /// <summary>Bytes whose period, 251, is prime to every power of two.</summary>
    public static byte[] Data(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i % 251))];
}
