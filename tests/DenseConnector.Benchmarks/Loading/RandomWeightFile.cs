using DenseConnector.Loading;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Benchmarks.Loading;

/// <summary>A safetensors file of 200 MiB in a temporary folder.</summary>
internal sealed class RandomWeightFile : IDisposable
{
    public const long DataBytes = (long)Tensors * Rows * Columns * sizeof(ushort);

    private const int Tensors = 256, Rows = 400, Columns = 1024;

    private readonly TemporaryFolder _folder = new();

    public RandomWeightFile()
    {
        File = Path.Combine(_folder.Path, "model.safetensors");
        using SafetensorsWriter writer = new(File, [.. Enumerable.Range(0, Tensors).Select(tensor => (
            $"model.layers.{tensor}.mlp.down_proj.weight", TensorType.BF16, (IReadOnlyList<long>)[Rows, Columns]))]);
        byte[] tensor = new byte[sizeof(ushort) * Rows * Columns];
        new Random(1).NextBytes(tensor);
        for (int i = 0; i < Tensors; i++)
        {
            writer.Append(tensor);
        }

        writer.Complete();
    }

    public string File { get; }

    public void Dispose() => _folder.Dispose();
}
