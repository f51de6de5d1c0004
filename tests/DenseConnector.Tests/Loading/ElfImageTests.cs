using System.Buffers.Binary;
using System.Diagnostics;
using CsCheck;
using DenseConnector.Loading;

namespace DenseConnector.Tests.Loading;

public sealed class ElfImageTests
{
    private const string Mended = "GLIBCXX_3.4.32";
    private const string Symbol = "_ZSt21ios_base_library_initv";

    private static readonly byte[] Bindings =
        NativeFolders.OfProcess().Find("libLibTorchSharp.so") is { } path ? File.ReadAllBytes(path) : [];

    [LinuxX64Fact]
    public void Read_TorchSharpsLibrary_ListsWhatItNeeds()
    {
        ElfImage image = ElfImage.Read("libLibTorchSharp.so", Bindings);

        Assert.Equal("libLibTorchSharp.so", image.SoName);
        Assert.Equal(ElfHeader.X64, image.Header.Machine);
        Assert.Equal(
            ["libtorch.so", "libc10.so", "libtorch_cpu.so", "libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6",
                "ld-linux-x86-64.so.2"],
            image.Needed);
        Assert.Equal(5, image.VersionNeeds.Select(need => need.Library).Distinct().Count());
        Assert.Contains(image.VersionNeeds, need => need.ToString() == "GLIBC_2.34 of libc.so.6" && !need.IsWeak);
        Assert.Equal([Symbol], image.SymbolsOf(Need(image, Mended)));
        Assert.Empty(image.VersionDefinitions);
    }

    [LinuxX64Fact]
    public void Read_StandardLibraryOfThisProcess_ListsWhatItOffers()
    {
        IReadOnlyList<string>? offered = LoadedLibrary.VersionsOf("libstdc++.so.6");

        Assert.NotNull(offered);
        Assert.Contains("GLIBCXX_3.4", offered);
        Assert.Contains("CXXABI_1.3", offered);
        Assert.DoesNotContain("libstdc++.so.6", offered);
    }

    [LinuxX64Fact]
    public void VersionsOf_UnknownLibrary_IsUnknown() => Assert.Null(LoadedLibrary.VersionsOf("libabsent.so.1"));

    [LinuxX64Fact]
    public void WithoutVersion_TorchSharpsLibrary_LosesExactlyThatNeed()
    {
        ElfImage image = ElfImage.Read("original", Bindings);
        ElfVersionNeed need = Need(image, Mended);

        byte[] bytes = image.WithoutVersion(need, Symbol, "tzset");

        ElfImage mended = ElfImage.Read("mended", bytes);
        Assert.Equal(
            image.VersionNeeds.Select(other => other == need ? need with { IsWeak = true } : other),
            mended.VersionNeeds);
        Assert.Empty(mended.SymbolsOf(need));
        Assert.All(
            image.VersionNeeds.Where(other => other != need),
            other => Assert.Equal(image.SymbolsOf(other), mended.SymbolsOf(other)));

        // One flag, the start of one name and the rest of it, one symbol's version: nothing else of 2.4 MB changes.
        int[] changed = [.. Enumerable.Range(0, Bindings.Length).Where(i => bytes[i] != Bindings[i])];
        int name = Bindings.AsSpan().IndexOf("_ZSt21ios_base_library_initv\0"u8);
        Assert.Equal("tzset\0"u8, bytes.AsSpan(name, 6));
        Assert.Single(changed, need.FlagsOffset);
        Assert.InRange(changed.Count(i => i < name || i >= name + Symbol.Length), 2, 3);
        Assert.Equal(Bindings.Length, bytes.Length);
    }

    [LinuxX64Fact]
    public void WithoutVersion_VersionOfSeveralSymbols_IsRefused()
    {
        ElfImage image = ElfImage.Read("libLibTorchSharp.so", Bindings);

        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => image.WithoutVersion(Need(image, "GLIBCXX_3.4.21"), Symbol, "tzset"));

        Assert.Contains("GLIBCXX_3.4.21 of libstdc++.so.6 with", error.Message, StringComparison.Ordinal);
        Assert.Contains($"expected '{Symbol}' alone", error.Message, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void WithoutVersion_AnotherSymbolIsTheEndOfTheName_IsRefused()
    {
        byte[] bytes = [.. Bindings];
        ulong table = DynamicValue(bytes, 6);
        uint name = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)table + (482 * 24)));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((int)table + (481 * 24)), name + 20);
        ElfImage image = ElfImage.Read("changed", bytes);

        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => image.WithoutVersion(Need(image, Mended), Symbol, "tzset"));

        Assert.Contains("shares the name", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "it has 0 bytes, the ELF header needs 64 at 0")]
    [InlineData("7F454C", "it has 3 bytes")]
    [InlineData("4D5A", "it has 2 bytes")]
    public void Read_ShorterThanAHeader_SaysHowShort(string hex, string expected) =>
        AssertRefused(Convert.FromHexString(hex), expected);

    [Fact]
    public void Read_NotElf_SaysWithWhatItStarts()
    {
        byte[] bytes = new byte[4096];
        "MZ"u8.CopyTo(bytes);

        AssertRefused(bytes, "not an ELF file: it starts with 4D5A0000");
    }

    [LinuxX64Fact]
    public void Read_HeaderFieldsOutOfRange_AreNamed()
    {
        AssertRefused(With(4, 1), "ELF class 1");
        AssertRefused(With(5, 2), "byte order 2");
        AssertRefused(With(16, 2), "ELF type 2");
        AssertRefused(With(54, 32), "program headers of 32 bytes");
        AssertRefused(With(56, 0), "0 program headers");
        AssertRefused(With(57, 0xff), "program headers of 56 bytes, expected");
        AssertRefused(With(39, 0xff), "the program headers needs");
    }

    [LinuxX64Fact]
    public void Read_EndlessVersionList_IsRefused()
    {
        // Every field is 4: no version of its own, a name at 4, and the next entry 4 bytes on.
        byte[] bytes = [.. Bindings];
        int needs = (int)DynamicValue(bytes, 0x6ffffffe);
        for (int i = 0; i < 40_000; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(needs + (4 * i)), 4);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(DynamicEntry(bytes, 0x6fffffff) + 8), ulong.MaxValue);

        AssertRefused(bytes, "more than 32,767 symbol versions");
    }

    [LinuxX64Fact]
    public void Read_DynamicSectionWithoutEnd_IsRefused()
    {
        byte[] bytes = [.. Bindings];
        int start = DynamicOffset(bytes);
        for (int entry = start; entry < start + 0x270; entry += 16)
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(entry)) == 0)
            {
                bytes[entry] = 99;
            }
        }

        AssertRefused(bytes, "without an end");
    }

    [LinuxX64Fact]
    public void Read_TruncatedAnywhere_IsRefusedOrReadsTheSame()
    {
        // Lengths around every table's start, and a spread over the whole file.
        IEnumerable<int> tables = new ulong[] { 5, 6, 0x6ffffef5, 0x6ffffff0, 0x6ffffffe }
            .Select(tag => (int)DynamicValue(Bindings, tag)).Append(DynamicOffset(Bindings)).Append(64);
        IEnumerable<int> spread = Enumerable.Range(0, 100).Select(i => (int)((long)Bindings.Length * i / 100));
        int refused = 0;
        int[] around = [-1, 0, 1, 17];
        foreach (int length in tables.SelectMany(table => around.Select(step => table + step)).Concat(spread))
        {
            refused += ReadEverything(Bindings[..length]) ? 0 : 1;
        }

        // Behind the last loaded segment there is only what debuggers read.
        Assert.True(refused > 75, $"{refused} refused");
    }

    [LinuxX64Fact]
    public void Read_RandomDamage_GivesTheDocumentedErrorOrAResultInTime()
    {
        (int Start, int Length)[] regions =
        [
            (0, 64 + (10 * 56)),
            (DynamicOffset(Bindings), 0x270),
            ((int)DynamicValue(Bindings, 0x6ffffffe), 0x210),
            ((int)DynamicValue(Bindings, 0x6ffffff0), 0x193c),
            ((int)DynamicValue(Bindings, 6), 0x4000),
            ((int)DynamicValue(Bindings, 5), 0x4000),
            ((int)DynamicValue(Bindings, 0x6ffffef5), 16),
        ];
        Gen<int> position = Gen.Int[0, regions.Length - 1].SelectMany(
            region => Gen.Int[0, regions[region].Length - 1].Select(offset => regions[region].Start + offset));

        Gen.Select(position, Gen.Byte).Array[1, 6].Sample(
            changes =>
            {
                byte[] bytes = [.. Bindings];
                foreach ((int offset, byte value) in changes)
                {
                    bytes[offset] = value;
                }

                long started = Stopwatch.GetTimestamp();
                ReadEverything(bytes);
                Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
            },
            iter: 3000);
    }

    /// <summary>Uses all there is; <c>false</c> if the bytes are refused. Any other exception fails the test.</summary>
    private static bool ReadEverything(byte[] bytes)
    {
        try
        {
            ElfImage image = ElfImage.Read("hostile", bytes);
            foreach (ElfVersionNeed need in image.VersionNeeds.Take(30))
            {
                Assert.NotNull(image.SymbolsOf(need));
            }

            return image.VersionNeeds.FirstOrDefault(need => need.Version == Mended) is not { } mended ||
                ElfImage.Read("mended", image.WithoutVersion(mended, Symbol, "tzset")).VersionNeeds.Count > 0;
        }
        catch (InvalidDataException e)
        {
            Assert.Contains("hostile", e.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private static void AssertRefused(byte[] bytes, string expected)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => ElfImage.Read("hostile", bytes));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static ElfVersionNeed Need(ElfImage image, string version) =>
        Assert.Single(image.VersionNeeds, need => need.Version == version);

    private static byte[] With(int offset, byte value)
    {
        byte[] bytes = [.. Bindings];
        bytes[offset] = value;
        return bytes;
    }

    // The tables lie in the first segment, where addresses equal file offsets.
    private static ulong DynamicValue(byte[] bytes, ulong tag) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(DynamicEntry(bytes, tag) + 8));

    private static int DynamicEntry(byte[] bytes, ulong tag)
    {
        int entry = DynamicOffset(bytes);
        while (BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(entry)) != tag)
        {
            entry += 16;
        }

        return entry;
    }

    private static int DynamicOffset(byte[] bytes)
    {
        int header = 64;
        while (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(header)) != 2)
        {
            header += 56;
        }

        return (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(header + 8));
    }
}
