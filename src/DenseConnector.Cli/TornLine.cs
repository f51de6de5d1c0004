namespace DenseConnector.Cli;

/// <summary>Finds the line that was being written when a run ended.</summary>
internal static class TornLine
{
    /// <summary>Where the last complete line of a file ends: behind the last line break.</summary>
    public static long EndOfWhole(Stream stream)
    {
        for (long end = stream.Length; end > 0; end--)
        {
            stream.Position = end - 1;
            if (stream.ReadByte() == '\n')
            {
                return end;
            }
        }

        return 0;
    }
}
