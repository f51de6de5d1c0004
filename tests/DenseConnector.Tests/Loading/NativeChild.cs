using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DenseConnector.Loading;
using DenseConnector.Tests.Decoders;
using TorchSharp;

namespace DenseConnector.Tests.Loading;

/// <summary>
/// What the test assembly does when it is run as a program: one attempt to load, in a process where nothing is loaded
/// yet. Prints <c>name=value</c> lines; whatever else is printed comes from TorchSharp.
/// </summary>
internal static class NativeChild
{
    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["load"]:
                Parallel.For(0, 16, _ => NativeLibraries.EnsureLoaded());
                Print("remedy", NativeLibraries.Inspect().Remedy.ToString());
                Compute();
                return 0;

            case ["load-without-memory-file"]:
                NativeLoader loader = new(NativePlatform.Current, NativeFolders.OfProcess()) { UsesMemoryFile = false };
                NativeFailure? failure = loader.Load();
                Print("error", failure?.ToException().Message);
                Print("remedy", loader.Remedy.ToString());
                if (failure is null)
                {
                    Compute();
                }

                return 0;

            case ["fail"]:
                Print("error", Error(NativeLibraries.EnsureLoaded));
                Print("again", Error(NativeLibraries.EnsureLoaded));
                Print("report", NativeLibraries.Inspect().Problem);
                return 0;

            case ["cuda"]:
                NativeLibraries.EnsureLoaded();
                Compute();
                Print("error", Error(NativeLibraries.EnsureCudaLoaded));
                return 0;

            case ["torchsharp-alone"]:
                Print("works", UseTorchSharp().ToString());
                return 0;

            case ["torchsharp-first"]:
                Print("works", UseTorchSharp().ToString());
                Print("error", Error(NativeLibraries.EnsureLoaded));
                return 0;

            case ["measure-load", string type, string map, string folder, .. string[] below]:
                LoadMeasurement measured = LoadMeasurement.Take(
                    Enum.Parse<torch.ScalarType>(type), Enum.Parse<MemoryMap>(map), folder, below.SingleOrDefault());
                Print("final", $"{measured.Final}");
                Print("largest", $"{measured.Largest}");
                Print("peak", $"{measured.Peak}");
                Print("private", $"{measured.Private}");
                return 0;

            case ["measure-cache"]:
                CacheMeasurement cache = CacheMeasurement.Take();
                Print("bytes", $"{cache.Bytes}");
                Print("resident", $"{cache.Resident}");
                return 0;

            default:
                Console.Error.WriteLine("This assembly holds tests; run it with 'dotnet test'.");
                return 2;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Compute()
    {
        using torch.Tensor ones = torch.ones(2, 3);
        using torch.Tensor sum = ones.sum();
        Print("sum", sum.item<float>().ToString("F0", null));
        Print("mapped", MapFile());
        try
        {
            using torch.Tensor impossible = torch.mm(ones, ones);
        }
        catch (ExternalException e)
        {
            Print("thrown", e.Message.Split('\n')[0]);
        }
    }

    /// <summary>Makes a tensor over a file; the function for it lies in the library that was loaded here.</summary>
    private static string? MapFile()
    {
        using TemporaryFolder folder = new();
        new WeightFile().Add("a", "U8", [3], 1, 2, 3).Save(folder.Path);
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder.Path, "model.safetensors"));
        using torch.Tensor? mapped = file.Mapped?.TryMakeTensor(file.Tensors["a"], torch.ScalarType.Byte);
        return mapped is null ? null : string.Concat(mapped.data<byte>().ToArray());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool UseTorchSharp()
    {
        try
        {
            using torch.Tensor tensor = torch.empty(1);
            return true;
        }
        catch (TypeInitializationException)
        {
            return false;
        }
    }

    private static string? Error(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (NativeLibraryException e)
        {
            return e.Message;
        }
    }

    private static void Print(string name, string? value) =>
        Console.WriteLine($"{name}={value?.ReplaceLineEndings(" ") ?? "none"}");
}
