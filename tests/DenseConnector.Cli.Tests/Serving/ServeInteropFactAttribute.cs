namespace DenseConnector.Cli.Tests.Serving;

/// <summary>A test with npm packages; it needs a package registry and runs only when asked for.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ServeInteropFactAttribute : FactAttribute
{
    private bool _browser;

    public ServeInteropFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("DENSECONNECTOR_SERVE_INTEROP") != "1")
        {
            Skip = "installs npm packages: set DENSECONNECTOR_SERVE_INTEROP=1 to run it";
        }
        else if (Find("node") is null || Find("npm") is null)
        {
            Skip = "needs node and npm, which are not on the PATH";
        }
    }

    /// <summary>The browser there is.</summary>
    public static string? BrowserPath => Find("chromium") ?? Find("chromium-browser") ?? Find("google-chrome");

    /// <summary>Whether a browser is needed too.</summary>
    public bool Browser
    {
        get => _browser;
        set
        {
            _browser = value;
            if (value && BrowserPath is null)
            {
                Skip ??= "needs chromium or google-chrome, neither of which is on the PATH";
            }
        }
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}
