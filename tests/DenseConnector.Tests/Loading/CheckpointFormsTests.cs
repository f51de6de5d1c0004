using DenseConnector.Configuration;
using DenseConnector.Loading;
using static DenseConnector.Tests.Loading.SafetensorsBytes;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Loading;

/// <summary>What a checkpoint is put together from: one folder, or one on top of a base model.</summary>
public sealed class CheckpointFormsTests : TensorTest
{
    private const string Projector = "model.mm_projector.weight";

    [Fact]
    public void Open_ProjectorOnBase_ReplacesWhatHasItsName()
    {
        using TemporaryFolder folder = new();
        folder.Write("mm_projector.bin", PickleBytes.Saved(
            PickleBytes.Of(PickleBytes.Dictionary(
                (Projector, PickleBytes.Tensor(PickleBytes.Storage("FloatStorage", "0", 1), 0, [1], [1])))),
            BitConverter.GetBytes(7f)));
        using TemporaryFolder below = new();
        below.Write("model.safetensors", OfTensors(Floats(Projector, [1], 1), Floats("model.norm.weight", [1], 2)));

        using Checkpoint checkpoint = Checkpoint.Open(folder.Path, below.Path);

        Assert.Equal(7, Read(checkpoint, Projector));
        Assert.Equal(2, Read(checkpoint, "model.norm.weight"));
        Assert.Equal(folder.Path, checkpoint.Folder);
        checkpoint.ThrowIfIncomplete();
    }

    [Fact]
    public void Open_ProjectorAlone_NamesTheOption()
    {
        using TemporaryFolder folder = new();
        folder.Write("mm_projector.bin", []);

        AssertRefused(folder, null, "holds a projector alone (mm_projector.bin)", "Set ModelOptions.BaseModel");
    }

    [Fact]
    public void Open_WholeModelBesideItsProjector_IsTheWholeModel()
    {
        using TemporaryFolder folder = new();
        folder.Write("mm_projector.bin", []);
        folder.Write("model.safetensors", OfTensors(Floats(Projector, [1], 1)));

        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);

        Assert.Equal(1, Read(checkpoint, Projector));
    }

    [Fact]
    public void Open_AdapterWithoutBase_NamesTheOption()
    {
        using TemporaryFolder folder = new();
        folder.Write(LoraConfig.FileName, "{}"u8);
        folder.Write("model.safetensors", OfTensors(Floats(Projector, [1], 1)));

        AssertRefused(folder, null, "holds a LoRA adapter", "Set ModelOptions.BaseModel");
    }

    [Fact]
    public void Open_WholeModelOnABase_Throws()
    {
        using TemporaryFolder folder = new();
        folder.Write("model.safetensors", OfTensors(Floats(Projector, [1], 1)));

        AssertRefused(folder, folder.Path, "has neither a projector", "leave ModelOptions.BaseModel");
    }

    [Fact]
    public void Open_OneTensorInTwoLayouts_Throws()
    {
        using TemporaryFolder folder = new();
        folder.Write(
            "model.safetensors",
            OfTensors(Floats("lm_head.weight", [1], 1), Floats("language_model.lm_head.weight", [1], 1)));

        AssertRefused(
            folder, null, "'language_model.lm_head.weight' and 'lm_head.weight' are the same one", "two layouts");
    }

    [Fact]
    public void ThrowIfIncomplete_UnusedTensor_IsListedUnderTheFilesName()
    {
        using TemporaryFolder folder = new();
        folder.Write("model.safetensors", OfTensors(Floats("multi_modal_projector.linear_1.weight", [1], 1)));
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);

        CheckpointException error = Assert.Throws<CheckpointException>(checkpoint.ThrowIfIncomplete);

        Assert.Contains(
            "1 not expected by this model: 'multi_modal_projector.linear_1.weight'",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LongerThanTheStaging_ConvertsEveryElement()
    {
        const int Count = (4 << 20) + 3;
        ushort[] values = [.. Enumerable.Range(0, Count).Select(i => (ushort)(0x3F80 + (i % 127)))];
        using TemporaryFolder folder = new();
        folder.Write(
            "model.safetensors",
            OfTensors([("w", "BF16", [Count], System.Runtime.InteropServices.MemoryMarshal.AsBytes(
                values.AsSpan()).ToArray())]));
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);

        using Tensor read = checkpoint.Read("w", [Count], ScalarType.Float32, CPU, CancellationToken.None);

        float[] expected = [.. values.Select(value => BitConverter.Int32BitsToSingle(value << 16))];
        Assert.True(expected.AsSpan().SequenceEqual(read.data<float>().ToArray()));
    }

    private static float Read(Checkpoint checkpoint, string name)
    {
        using Tensor read = checkpoint.Read(name, [1], ScalarType.Float32, CPU, CancellationToken.None);
        return read.item<float>();
    }

    private static void AssertRefused(TemporaryFolder folder, string? baseModel, params string[] parts)
    {
        CheckpointException error =
            Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.Path, baseModel));

        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.False(folder.HasOpenFiles());
    }
}
