using System.Text;

namespace DenseConnector.Tests.Loading;

/// <summary>Puts ZIP archives together, byte by byte, valid and other.</summary>
internal static class ArchiveBytes
{
    public static byte[] Of(params ArchiveEntry[] entries) => Of(zip64: false, string.Empty, entries);

    /// <summary>An archive; with <paramref name="zip64"/> all numbers stand in the 64-bit fields alone.</summary>
    public static byte[] Of(bool zip64, string comment, params ArchiveEntry[] entries)
    {
        MemoryStream stream = new();
        BinaryWriter writer = new(stream);
        List<long> offsets = [];
        foreach (ArchiveEntry entry in entries)
        {
            offsets.Add(stream.Position);
            byte[] name = Encoding.UTF8.GetBytes(entry.Name);
            writer.Write(entry.LocalSignature);
            writer.Write(new byte[22]);
            writer.Write((ushort)name.Length);
            writer.Write((ushort)3); // padding, as torch aligns its storages
            writer.Write(name);
            writer.Write(new byte[3]);
            writer.Write(entry.Data);
        }

        long start = stream.Position;
        foreach ((ArchiveEntry entry, long at) in entries.Zip(offsets))
        {
            byte[] name = Encoding.UTF8.GetBytes(entry.Name);
            long length = entry.SaidLength ?? entry.Data.Length;
            long offset = entry.SaidOffset ?? at;
            writer.Write(0x02014B50u);
            writer.Write(0u);
            writer.Write(entry.Flags);
            writer.Write(entry.Method);
            writer.Write(0u);
            writer.Write(0u);
            writer.Write(zip64 ? uint.MaxValue : (uint)length);
            writer.Write(zip64 ? uint.MaxValue : (uint)length);
            writer.Write((ushort)name.Length);
            writer.Write((ushort)(zip64 ? 28 : 0));
            writer.Write(new byte[10]);
            writer.Write(zip64 ? uint.MaxValue : (uint)offset);
            writer.Write(name);
            if (zip64)
            {
                writer.Write((ushort)1);
                writer.Write((ushort)24);
                writer.Write(length);
                writer.Write(length);
                writer.Write(offset);
            }
        }

        WriteEnd(writer, zip64, comment, entries.Length, start);
        return stream.ToArray();
    }

    private static void WriteEnd(BinaryWriter writer, bool zip64, string comment, int count, long start)
    {
        long end = writer.BaseStream.Position;
        if (zip64)
        {
            writer.Write(0x06064B50u);
            writer.Write(44L);
            writer.Write(0u);
            writer.Write(0L);
            writer.Write((long)count);
            writer.Write((long)count);
            writer.Write(end - start);
            writer.Write(start);
            writer.Write(0x07064B50u);
            writer.Write(0u);
            writer.Write(end);
            writer.Write(1u);
        }

        writer.Write(0x06054B50u);
        writer.Write(0u);
        writer.Write((ushort)(zip64 ? ushort.MaxValue : count));
        writer.Write((ushort)(zip64 ? ushort.MaxValue : count));
        writer.Write(zip64 ? uint.MaxValue : (uint)(end - start));
        writer.Write(zip64 ? uint.MaxValue : (uint)start);
        writer.Write((ushort)comment.Length);
        writer.Write(Encoding.ASCII.GetBytes(comment));
    }
}
