using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Parameters;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using static System.FormattableString;

namespace DenseConnector.Benchmarks;

/// <summary>The bytes a benchmark goes through over its mean time (<see cref="IHasThroughput"/>).</summary>
internal sealed class ThroughputColumn : IColumn
{
    public string Id => nameof(ThroughputColumn);

    public string ColumnName => "Throughput";

    public string Legend => "Bytes gone through in the mean time (GB = 10^9 bytes)";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(
        benchmark => benchmark.Descriptor.Type.IsAssignableTo(typeof(IHasThroughput)));

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        GetValue(summary, benchmarkCase, summary.Style);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        if (summary[benchmarkCase]?.ResultStatistics?.Mean is not double nanoseconds ||
            Bytes(benchmarkCase) is not long bytes)
        {
            return "-";
        }

        double gigabytes = bytes / nanoseconds;
        return gigabytes < 0.1 ? Invariant($"{1000 * gigabytes:F1} MB/s") : Invariant($"{gigabytes:F2} GB/s");
    }

    private static long? Bytes(BenchmarkCase benchmark)
    {
        Type type = benchmark.Descriptor.Type;
        if (Activator.CreateInstance(type) is not IHasThroughput instance)
        {
            return null;
        }

        foreach (ParameterInstance parameter in benchmark.Parameters.Items)
        {
            type.GetProperty(parameter.Name)!.SetValue(instance, parameter.Value);
        }

        return instance.Bytes;
    }
}
