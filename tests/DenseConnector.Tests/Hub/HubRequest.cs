using System.Globalization;

namespace DenseConnector.Tests.Hub;

/// <summary>One request as a <see cref="HubServer"/> got it.</summary>
internal sealed record HubRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string? Authorization => Headers.GetValueOrDefault("authorization");

    /// <summary>The first byte asked for, or <c>null</c> without a range.</summary>
    public long? Start => Headers.GetValueOrDefault("range") is string range
        ? long.Parse(range["bytes=".Length..].Split('-')[0], CultureInfo.InvariantCulture)
        : null;
}
