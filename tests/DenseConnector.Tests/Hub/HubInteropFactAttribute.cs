namespace DenseConnector.Tests.Hub;

/// <summary>A test against npm's client of the hub; it needs a package registry and runs only when asked for.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HubInteropFactAttribute : FactAttribute
{
    public HubInteropFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("DENSECONNECTOR_HUB_INTEROP") != "1")
        {
            Skip = "installs an npm package: set DENSECONNECTOR_HUB_INTEROP=1 to run it";
        }
        else if (!(Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "node"))))
        {
            Skip = "needs node, which is not on the PATH";
        }
    }
}
