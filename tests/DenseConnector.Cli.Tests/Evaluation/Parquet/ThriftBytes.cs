using System.Text;

namespace DenseConnector.Cli.Tests.Evaluation.Parquet;

/// <summary>Writes a structure of Thrift's compact form, each field with its whole number.</summary>
internal sealed class ThriftBytes
{
    private readonly List<byte> _bytes = [];

    public ThriftBytes Add(int field, long number)
    {
        Begin(field, kind: 6);
        Write((ulong)((number << 1) ^ (number >> 63)));
        return this;
    }

    public ThriftBytes Add(int field, string text)
    {
        Begin(field, kind: 8);
        Write((ulong)text.Length);
        _bytes.AddRange(Encoding.ASCII.GetBytes(text));
        return this;
    }

    public ThriftBytes Add(int field, ThriftBytes structure)
    {
        Begin(field, kind: 12);
        _bytes.AddRange(structure.ToArray());
        return this;
    }

    public ThriftBytes Add(int field, IReadOnlyCollection<ThriftBytes> structures)
    {
        Begin(field, kind: 9);
        _bytes.Add(0xFC);
        Write((ulong)structures.Count);
        _bytes.AddRange(structures.SelectMany(structure => structure.ToArray()));
        return this;
    }

    public byte[] ToArray() => [.. _bytes, 0];

    private void Begin(int field, byte kind)
    {
        _bytes.Add(kind);
        Write((ulong)field << 1);
    }

    private void Write(ulong number)
    {
        for (; number > 0x7F; number >>= 7)
        {
            _bytes.Add((byte)(number | 0x80));
        }

        _bytes.Add((byte)number);
    }
}
