namespace DenseConnector.Hosting;

/// <summary>Which model an application shares, and how.</summary>
/// <remarks>
/// Settings in the sense of <c>Microsoft.Extensions.Options</c>: filled by code, by a section of the configuration or
/// by both, and checked when the application starts. Not looked at again once the model loads.
/// </remarks>
public sealed class DenseConnectorSettings
{
    /// <summary>The folder of a checkpoint, a name of the catalog, or a repository; must be set.</summary>
    public string Model { get; set; } = string.Empty;

    /// <summary>How the model is loaded and run.</summary>
    public ModelOptions Options { get; set; } = new();

    /// <summary>What chat messages may make the client read; by default nothing but their own bytes.</summary>
    public ChatClientOptions Chat { get; set; } = new();

    /// <summary>
    /// Whether one token of an answer about a picture is made before the model counts as ready, so that the first
    /// request finds everything in memory. Default <c>true</c>.
    /// </summary>
    public bool WarmUp { get; set; } = true;
}
