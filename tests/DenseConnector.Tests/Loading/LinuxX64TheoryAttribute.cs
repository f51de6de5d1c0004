using DenseConnector.Loading;

namespace DenseConnector.Tests.Loading;

/// <summary>As <see cref="LinuxX64FactAttribute"/>, for tests with data rows.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxX64TheoryAttribute : TheoryAttribute
{
    public LinuxX64TheoryAttribute()
    {
        if (NativePlatform.Current.Rid != "linux-x64")
        {
            Skip = $"needs linux-x64, this is {NativePlatform.Current.Rid}";
        }
    }
}
