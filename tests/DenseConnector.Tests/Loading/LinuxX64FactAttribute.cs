using DenseConnector.Loading;

namespace DenseConnector.Tests.Loading;

/// <summary>A test of what happens only on Linux x64 with glibc, the one platform where a library is mended.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxX64FactAttribute : FactAttribute
{
    public LinuxX64FactAttribute()
    {
        if (NativePlatform.Current.Rid != "linux-x64")
        {
            Skip = $"needs linux-x64, this is {NativePlatform.Current.Rid}";
        }
    }
}
