using DenseConnector.Loading;
using TorchSharp;

namespace DenseConnector.Cli.Synthesis;

/// <summary>
/// A full-size model with random weights, made in memory: nothing of it but its configuration is on disk.
/// </summary>
internal static class SyntheticModel
{
    /// <summary>Starts a model; each weight is made, and quantised if asked, before the next one.</summary>
    /// <param name="blueprint">Its sizes.</param>
    /// <param name="options">Precision and quantization; it runs on the CPU.</param>
    /// <param name="cancellation">Ends it between two weights.</param>
    public static async Task<DenseConnectorModel> StartAsync(
        Blueprint blueprint, ModelOptions options, CancellationToken cancellation)
    {
        NativeLibraries.EnsureLoaded();
        string folder = Directory.CreateTempSubdirectory("denseconnector-").FullName;
        try
        {
            blueprint.WriteTo(folder);
            ModelPlan plan = ModelPlan.Read(new ModelFolder(blueprint.Name, folder, null), options);
            SyntheticTokenizer.WriteTo(folder, plan.Config.Decoder.VocabularySize);
            TextPlan text = TextPlan.Read(plan.Folder, plan.Config, options);
            return await DenseConnectorModel.StartAsync(
                plan, text, options, () => Build(plan, blueprint, options, cancellation));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ModelParts Build(
        ModelPlan plan, Blueprint blueprint, ModelOptions options, CancellationToken cancellation)
    {
        torch.ScalarType type = options.Precision switch
        {
            Precision.Auto or Precision.BFloat16 => torch.ScalarType.BFloat16,
            Precision.Float32 => torch.ScalarType.Float32,
            _ => throw new ArgumentException("A CPU does not compute in float16; use bfloat16 or float32."),
        };
        ComputeContext compute = ComputeContext.Start(type, torch.CPU);
        try
        {
            IReadOnlyDictionary<string, IReadOnlyList<long>> known = blueprint.DetailShapes();
            return new ModelAssembly(plan, compute, options.Quantization, cancellation).Assemble(
                new SyntheticWeights(known),
                new SyntheticWeights(known),
                blueprint.HasDetailTower ? new SyntheticWeights(known) : null);
        }
        catch
        {
            compute.Dispose();
            throw;
        }
    }
}
