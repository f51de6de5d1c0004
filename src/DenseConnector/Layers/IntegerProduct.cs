using System.Runtime.Intrinsics.X86;
using DenseConnector.Kernels;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>Products over many rows in 8-bit integers, which a processor may do twice as fast as in bfloat16.</summary>
/// <remarks>
/// Activations are rounded row by row (<see cref="RoundedRows"/>); libtorch multiplies the integers exactly. Stateless,
/// hence thread-safe.
/// </remarks>
internal static unsafe class IntegerProduct
{
    // TorchSharp does not bind this operator, but its script compiler knows it.
    private const string Script = "def product(a: Tensor, b: Tensor) -> Tensor:\n    return torch._int_mm(a, b)\n";

    private static readonly Lazy<jit.CompilationUnit> Compiled = new(() => jit.compile(Script));

    /// <summary>
    /// Whether this processor multiplies such integers at once (AVX512-VNNI); elsewhere libtorch takes more
    /// instructions for it, some of which saturate.
    /// </summary>
    public static bool IsFast { get; } =
        Avx512F.IsSupported && X86Base.IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0;

    /// <summary>Rows on a CPU, times a matrix: <c>[..., columns]</c> → <c>[..., rows]</c>.</summary>
    /// <param name="team">The kernels' threads.</param>
    /// <param name="input">Contiguous.</param>
    /// <param name="matrix">The matrix.</param>
    /// <param name="bias"><c>[rows]</c>, or <c>null</c>.</param>
    public static Tensor Multiply(WorkerTeam team, Tensor input, IntegerMatrix matrix, Tensor? bias)
    {
        using DisposeScope scope = NewDisposeScope();
        RowBlock rows = TensorRows.Of(input);
        RoundedRows rounded = new(rows.Count, rows.Width);
        Tensor integers = empty([rounded.MostRows, rows.Width], ScalarType.Int8, CPU);
        int count = rounded.Round(team, rows, (sbyte*)TensorRows.Address(integers));
        Tensor products = (Tensor)Compiled.Value.invoke(
            "product", integers.narrow(0, 0, count), matrix.Integers.t())!;
        Tensor output = TensorRows.Empty(input, matrix.Scales.size(0));
        rounded.Scale(
            team,
            (int*)TensorRows.Address(products),
            (float*)TensorRows.Address(matrix.Scales),
            bias is null ? null : TensorRows.Of(bias),
            TensorRows.Of(output));
        return output.MoveToOuterDisposeScope();
    }
}
