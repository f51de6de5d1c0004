using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

/// <summary>Writes small <c>tokenizer.model</c> files for tests: valid ones, and ones wrong in a chosen way.</summary>
internal sealed class ModelFile
{
    private readonly List<byte> _bytes = [];

    /// <summary>Trainer settings: BPE, no byte fallback unless asked for.</summary>
    public ulong ModelType { get; init; } = 2;

    public bool ByteFallback { get; init; }

    public bool DummyPrefix { get; init; } = true;

    public bool RemoveExtraSpaces { get; init; }

    public bool EscapeSpaces { get; init; } = true;

    public string CharsMap { get; init; } = string.Empty;

    /// <summary>
    /// A model with <c>&lt;unk&gt;</c>, <c>&lt;s&gt;</c>, <c>&lt;/s&gt;</c> at 0 to 2 and the given normal pieces, best
    /// first.
    /// </summary>
    public static ModelFile WithPieces(params string[] pieces) => new ModelFile().AddBasics().AddNormal(pieces);

    /// <summary>The same with the 256 byte pieces at ids 3 to 258.</summary>
    public static ModelFile WithBytes(params string[] pieces)
    {
        ModelFile file = new ModelFile { ByteFallback = true }.AddBasics();
        for (int value = 0; value < 256; value++)
        {
            file.Add(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), 0, SentencePieceType.Byte);
        }

        return file.AddNormal(pieces);
    }

    public ModelFile AddBasics() => Add("<unk>", 0, SentencePieceType.Unknown)
        .Add("<s>", 0, SentencePieceType.Control)
        .Add("</s>", 0, SentencePieceType.Control);

    public ModelFile AddNormal(params string[] pieces)
    {
        for (int i = 0; i < pieces.Length; i++)
        {
            Add(pieces[i], -i);
        }

        return this;
    }

    public ModelFile Add(string text, float score, SentencePieceType type = SentencePieceType.Normal) =>
        Add(Encoding.UTF8.GetBytes(text), score, (ulong)type);

    public ModelFile Add(byte[] text, float score, ulong type)
    {
        List<byte> piece = [];
        WriteBytes(piece, 1, text);
        WriteSingle(piece, 2, score);
        WriteNumber(piece, 3, type);
        WriteBytes(_bytes, 1, [.. piece]);
        return this;
    }

    public byte[] ToBytes()
    {
        List<byte> trainer = [], normalizer = [];
        WriteNumber(trainer, 3, ModelType);
        WriteNumber(trainer, 35, ByteFallback ? 1u : 0);
        WriteBytes(normalizer, 1, "test_rule"u8.ToArray());
        WriteBytes(normalizer, 2, Encoding.UTF8.GetBytes(CharsMap));
        WriteNumber(normalizer, 3, DummyPrefix ? 1u : 0);
        WriteNumber(normalizer, 4, RemoveExtraSpaces ? 1u : 0);
        WriteNumber(normalizer, 5, EscapeSpaces ? 1u : 0);
        List<byte> file = [.. _bytes];
        WriteBytes(file, 2, [.. trainer]);
        WriteBytes(file, 3, [.. normalizer]);
        return [.. file];
    }

    public SentencePieceModel Parse() => SentencePieceModel.Parse("tokenizer.model", ToBytes());

    public SentencePieceBpe Tokenizer(TokenizerSettings? settings = null) =>
        new(Parse(), settings ?? new TokenizerSettings { AddBos = false });

    public static void WriteNumber(List<byte> output, int field, ulong value)
    {
        WriteVarint(output, (ulong)field << 3);
        WriteVarint(output, value);
    }

    public static void WriteBytes(List<byte> output, int field, byte[] value)
    {
        WriteVarint(output, ((ulong)field << 3) | 2);
        WriteVarint(output, (ulong)value.Length);
        output.AddRange(value);
    }

    private static void WriteSingle(List<byte> output, int field, float value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        WriteVarint(output, ((ulong)field << 3) | 5);
        output.AddRange(bytes);
    }

    private static void WriteVarint(List<byte> output, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            output.Add((byte)(value | 0x80));
        }

        output.Add((byte)value);
    }
}
