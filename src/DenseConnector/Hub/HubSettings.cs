namespace DenseConnector.Hub;

/// <summary>The hub's options with everything decided: options first, then the environment, then defaults.</summary>
/// <remarks>Not a record: a text form must not hold the token.</remarks>
internal sealed class HubSettings
{
    /// <summary>The branch that is taken when none is named.</summary>
    public const string DefaultRevision = "main";

    /// <summary>The cache's folder, absolute.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>The hub's address.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The access token, or <c>null</c>.</summary>
    public string? Token { get; init; }

    /// <summary>Whether nothing may be contacted.</summary>
    public bool Offline { get; init; }

    /// <summary>The branch, tag or commit of the model.</summary>
    public string Revision { get; init; } = DefaultRevision;

    /// <summary>Files that are downloaded at the same time.</summary>
    public int ParallelFiles { get; init; } = 4;

    /// <summary>Tries in a row without a byte received after which a download is given up.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>The wait before the second try; it doubles with every further one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait that a server may ask for; a longer one is an error that says so.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a server may be silent before the connection counts as broken.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Decides every setting.</summary>
    /// <param name="options">What the caller said.</param>
    /// <param name="environment">Gives the value of an environment variable, or <c>null</c>.</param>
    /// <exception cref="ArgumentException">A variable, the revision or the token is malformed.</exception>
    public static HubSettings Resolve(HubOptions options, Func<string, string?> environment)
    {
        string home = FindHome(Variable);
        string endpoint = options.Endpoint ?? Variable("HF_ENDPOINT") ?? HubOptions.DefaultEndpoint;
        if (!HubOptions.IsEndpoint(endpoint))
        {
            throw new ArgumentException($"HF_ENDPOINT is '{endpoint}', which is no address; expected https://host.");
        }

        string revision = options.Revision ?? DefaultRevision;
        if (HubPath.ProblemOf(revision) is string problem)
        {
            throw new ArgumentException($"Revision '{revision}' {problem}; expected a branch, a tag or a commit.");
        }

        string cache = options.CacheFolder ?? Variable("HF_HUB_CACHE") ?? Variable("HUGGINGFACE_HUB_CACHE")
            ?? Path.Combine(home, "hub");
        return new HubSettings
        {
            CacheFolder = Path.GetFullPath(ExpandHome(cache)),
            Endpoint = new Uri(endpoint.TrimEnd('/')),
            Token = FindToken(options, Variable, home),
            Offline = options.Offline ?? IsTrue(Variable("HF_HUB_OFFLINE")),
            Revision = revision,
        };

        // An empty variable counts as unset, as in a shell's ${NAME:-default}.
        string? Variable(string name) => environment(name) is string value && value.Trim().Length > 0 ? value : null;
    }

    private static string FindHome(Func<string, string?> variable)
    {
        string caches = variable("XDG_CACHE_HOME") ??
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return ExpandHome(variable("HF_HOME") ?? Path.Combine(caches, "huggingface"));
    }

    private static string ExpandHome(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
        ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
        : path;

    private static string? FindToken(HubOptions options, Func<string, string?> variable, string home)
    {
        string? token = (options.Token ?? variable("HF_TOKEN") ?? variable("HUGGING_FACE_HUB_TOKEN")
            ?? ReadTokenFile(ExpandHome(variable("HF_TOKEN_PATH") ?? Path.Combine(home, "token"))))?.Trim();
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        // Not shown: what was meant as a token is a secret even if it is malformed.
        return token.All(character => char.IsBetween(character, '!', '~'))
            ? token
            : throw new ArgumentException("The hub's token has spaces or unprintable characters; copy it again.");
    }

    private static string? ReadTokenFile(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Public models need no token; a gated one will say that none was sent.
            return null;
        }
    }

    private static bool IsTrue(string? text) =>
        text is not null && text.Trim().ToUpperInvariant() is "1" or "TRUE" or "YES" or "ON";
}
