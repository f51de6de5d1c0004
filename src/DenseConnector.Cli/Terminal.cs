namespace DenseConnector.Cli;

/// <summary>Tells a person at a terminal from a file or a pipe.</summary>
internal static class Terminal
{
    /// <summary>Whether someone types what is read here.</summary>
    public static bool IsTyped(TextReader input) => ReferenceEquals(input, Console.In) && !Console.IsInputRedirected;

    /// <summary>Whether someone sees what is written here.</summary>
    public static bool IsSeen(TextWriter writer) =>
        (ReferenceEquals(writer, Console.Out) && !Console.IsOutputRedirected) ||
        (ReferenceEquals(writer, Console.Error) && !Console.IsErrorRedirected);
}
