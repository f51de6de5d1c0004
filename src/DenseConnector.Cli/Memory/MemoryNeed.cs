using DenseConnector.Catalog;
using DenseConnector.Cli.Synthesis;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Memory;

/// <summary>What a model of the catalog takes of this machine's memory, before anything of it is downloaded.</summary>
/// <param name="Precision">The number format it is computed in.</param>
/// <param name="Quantization">The format the language model's matrices are kept in.</param>
/// <param name="Bytes">The most for one request (<see cref="MemoryStatement"/>).</param>
/// <param name="Fits">Whether this machine has as much, nothing else running.</param>
internal sealed record MemoryNeed(Precision Precision, Quantization Quantization, long Bytes, bool Fits)
{
    private static readonly (ScalarType Type, Quantization Quantization)[] Formats =
    [
        (ScalarType.Float32, Quantization.None),
        (ScalarType.BFloat16, Quantization.None),
        (ScalarType.BFloat16, Quantization.Int8),
        (ScalarType.BFloat16, Quantization.Int4),
    ];

    /// <summary>The name of the format, for people.</summary>
    public string Format() => Quantization == Quantization.None ? $"{Precision}" : $"{Quantization}";

    /// <summary>
    /// The needs of a model in each format that a CPU computes in, the most exact first; none where its configuration
    /// is not known.
    /// </summary>
    public static IReadOnlyList<MemoryNeed> Of(CatalogEntry entry)
    {
        ModelPlan? plan = Blueprint.Of(entry) is Blueprint blueprint ? blueprint.ReadPlan()
            : ModelFolder.FindLocal(entry.Name) is ModelFolder folder ? ModelPlan.Read(folder, new ModelOptions())
            : null;
        return plan is null ? [] : [.. Formats.Select(format => Of(entry, plan, format.Type, format.Quantization))];
    }

    private static MemoryNeed Of(CatalogEntry entry, ModelPlan plan, ScalarType type, Quantization quantization)
    {
        // In which part a weight is does not change the sum.
        MemoryStatement statement = MemoryStatement.Of(
            plan,
            new WeightCount(Vision: 0, Decoder: entry.Parameters),
            type,
            new ModelOptions { Quantization = quantization },
            MemoryStatement.DefaultTokens(plan));
        return new MemoryNeed(
            statement.Precision, quantization, statement.PeakBytes, statement.PeakBytes <= MachineMemory.Total);
    }
}
