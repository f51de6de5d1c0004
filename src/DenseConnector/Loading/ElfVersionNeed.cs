namespace DenseConnector.Loading;

/// <summary>One symbol version that an ELF library asks of another: GLIBCXX_3.4.30 of libstdc++.so.6.</summary>
/// <param name="Library">The library that must have the version.</param>
/// <param name="Version">The version's name.</param>
/// <param name="Index">The number under which the symbols of the asking library refer to it.</param>
/// <param name="IsWeak">Whether the loader goes on without it.</param>
/// <param name="FlagsOffset">Where the entry's flags lie in the file, in bytes.</param>
internal sealed record ElfVersionNeed(string Library, string Version, ushort Index, bool IsWeak, int FlagsOffset)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Version} of {Library}";
}
