using System.Text;

namespace DenseConnector;

/// <summary>Where models are downloaded from and kept.</summary>
/// <remarks>
/// <para>
/// A property that is not set takes its value from the environment variable that Hugging Face's own libraries read, and
/// then a default; the cache is shared with them. Immutable; each property checks itself.
/// </para>
/// <para>The text form leaves the token out, so that logging the options does not publish it.</para>
/// </remarks>
public sealed record HubOptions
{
    /// <summary>The address models come from when neither <see cref="Endpoint"/> nor the environment says.</summary>
    public const string DefaultEndpoint = "https://huggingface.co";

    /// <summary>
    /// The cache's folder. Unset: <c>HF_HUB_CACHE</c>, else <c>HF_HOME/hub</c>, else
    /// <c>~/.cache/huggingface/hub</c> (<c>XDG_CACHE_HOME</c> in place of <c>~/.cache</c>).
    /// </summary>
    public string? CacheFolder
    {
        get;
        init => field = value is null || value.Trim().Length > 0
            ? value
            : throw new ArgumentException("CacheFolder is empty; name a folder or leave it unset.", nameof(value));
    }

    /// <summary>
    /// The access token for gated and private repositories; sent to the endpoint's own host and to no other. Unset:
    /// <c>HF_TOKEN</c>, else the file <c>HF_TOKEN_PATH</c> or <c>HF_HOME/token</c>. Empty: none.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>
    /// The hub's address, <c>https://host</c>. Unset: <c>HF_ENDPOINT</c>, else <see cref="DefaultEndpoint"/>.
    /// </summary>
    public string? Endpoint
    {
        get;
        init => field = value is null || IsEndpoint(value)
            ? value
            : throw new ArgumentException($"'{value}' is no address; expected https://host.", nameof(value));
    }

    /// <summary>
    /// Whether only the cache is used and nothing is contacted. Unset: <c>HF_HUB_OFFLINE</c> (1, true, yes, on).
    /// </summary>
    public bool? Offline { get; init; }

    /// <summary>
    /// The branch, tag or commit of the model's repository. Unset: <c>main</c>. A vision tower in a repository of its
    /// own always comes from <c>main</c>.
    /// </summary>
    public string? Revision
    {
        get;
        init => field = value is null || value.Trim().Length > 0
            ? value
            : throw new ArgumentException("Revision is empty; name a branch, tag or commit.", nameof(value));
    }

    /// <summary>
    /// Whether a text is the address of a hub: absolute, http or https, without query or credentials.
    /// </summary>
    internal static bool IsEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) &&
        (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) &&
        uri.Host.Length > 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0;

    private bool PrintMembers(StringBuilder text)
    {
        string? token = string.IsNullOrEmpty(Token) ? Token : "(hidden)";
        text.Append(null, $"CacheFolder = {CacheFolder}, Token = {token}, ")
            .Append(null, $"Endpoint = {Endpoint}, Offline = {Offline}, Revision = {Revision}");
        return true;
    }
}
