using System.Text;

namespace DenseConnector.Cli.Evaluation;

/// <summary>A file that scoring leaves in the output folder.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Content">What it holds.</param>
internal sealed record OutputFile(string Name, ReadOnlyMemory<byte> Content)
{
    /// <summary>A file of text.</summary>
    public OutputFile(string name, string text)
        : this(name, Encoding.UTF8.GetBytes(text))
    {
    }
}
