namespace DenseConnector.Cli;

/// <summary>What the tool's exit code tells a script.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>A model, a picture or a file is missing, damaged or not supported.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The native libraries or the device are not usable; <c>doctor</c> says why.</summary>
    public const int Environment = 3;

    /// <summary>Ended by Ctrl+C.</summary>
    public const int Cancelled = 130;
}
