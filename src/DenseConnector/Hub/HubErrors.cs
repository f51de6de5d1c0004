using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace DenseConnector.Hub;

/// <summary>Makes the errors of this folder: what happened, to which file, and what to do.</summary>
internal static class HubErrors
{
    private const int LinuxNoSpace = 28;
    private const int LinuxQuota = 122;
    private const int MacQuota = 69;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const string TryAgain = "Try again later; what was downloaded is kept.";

    /// <summary>The error for an answer that is no success.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="revision">The branch, tag or commit that was asked for.</param>
    /// <param name="file">The file, or <c>null</c> if the list of files was asked for.</param>
    /// <param name="response">The answer.</param>
    /// <param name="fromHub">Whether the hub itself answered, and not a host it redirected to.</param>
    /// <param name="hasToken">Whether a token is set.</param>
    public static HubException Refused(
        RepositoryName repository,
        string revision,
        string? file,
        HttpResponseMessage response,
        bool fromHub,
        bool hasToken)
    {
        int status = (int)response.StatusCode;
        string code = response.Headers.TryGetValues("X-Error-Code", out IEnumerable<string>? codes)
            ? string.Join(",", codes) : string.Empty;
        string what = file ?? "the list of files";
        TimeSpan? wait = RetryAfter(response.Headers.RetryAfter);
        bool transient = response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests ||
            (status >= 500 && response.StatusCode is not HttpStatusCode.NotImplemented) ||

            // The address a hub redirects to is signed for a limited time; the next try gets a new one.
            (!fromHub && status is 401 or 403 or 404 or 410);
        string delay = wait is null ? string.Empty : $" for {wait.Value.TotalSeconds:F0} s";
        string host = fromHub ? string.Empty : " by the file server";
        (string problem, string remedy) = status switch
        {
            401 when fromHub => (
                $"{what} was refused (401).",
                "The name may be wrong, or the repository private or gated: check the name, accept the repository's " +
                "terms on its page, and " + SetToken(hasToken)),
            403 when fromHub => (
                $"{what} was refused (403{(code == "GatedRepo" ? ", a gated repository" : string.Empty)}).",
                "Accept the repository's terms on its page with your account, and " + SetToken(hasToken)),
            404 when fromHub && code == "RevisionNotFound" => (
                $"there is no revision '{revision}' (404).",
                "Name a branch, tag or commit of the repository, or leave the revision unset for main."),
            404 when fromHub && (code == "EntryNotFound" || (file is not null && code.Length == 0)) => (
                $"there is no file '{what}' in revision '{revision}' (404).",
                "The repository is not a model of the form that is expected, or the revision is wrong."),
            404 when fromHub => (
                $"there is no such repository, or no revision '{revision}' of it (404).",
                "Check the name; a model on this machine is named by its folder."),
            429 => ($"the server asks to slow down (429){delay}.", TryAgain),
            _ => ($"{what} was answered with status {status}{host}.", TryAgain),
        };
        return new HubException(repository.ToString(), problem, remedy)
        {
            File = file,
            StatusCode = status,
            IsTransient = transient,
            RetryAfter = wait,
        };
    }

    /// <summary>The error for a connection that could not be made or broke.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="file">The file, or <c>null</c> for the list of files.</param>
    /// <param name="host">The host.</param>
    /// <param name="cause">What the network said.</param>
    /// <param name="reached">Whether a server has ever answered in this download.</param>
    public static HubException Broken(
        RepositoryName repository, string? file, string host, Exception cause, bool reached)
    {
        // A first connection that fails means no network or a wrong address: waiting would only delay the answer.
        bool unreachable = cause is HttpRequestException
        {
            HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
                or HttpRequestError.ProxyTunnelError or HttpRequestError.SecureConnectionError,
        };
        return new HubException(
            repository.ToString(),
            unreachable ? $"{host} cannot be reached ({Innermost(cause)})."
                : $"the connection to {host} broke{(file is null ? string.Empty : $" while {file} came in")} " +
                    $"({Innermost(cause)}).",
            unreachable
                ? "Check the network, a proxy, and HF_ENDPOINT; without a network, name a model that is in the cache " +
                    "or a folder."
                : TryAgain,
            cause)
        {
            File = file,
            IsTransient = !unreachable || reached,
            IsUnreachable = unreachable && !reached,
        };
    }

    /// <summary>The error for an answer that makes no sense.</summary>
    public static HubException Malformed(
        RepositoryName repository, string? file, string problem, Exception? cause = null) =>
        new(repository.ToString(), problem, "Check that HF_ENDPOINT names a Hugging Face hub.", cause) { File = file };

    /// <summary>The error for bytes that are not those the hub names.</summary>
    public static HubException WrongHash(RepositoryName repository, HubFile file, string found) => new(
        repository.ToString(),
        $"{file.Name} came in damaged: expected hash {file.Hash}, found {found}.",
        "Nothing of it was kept. Try again; if it happens again, the server or a proxy changes the file.")
    {
        File = file.Name,
    };

    /// <summary>The error for a disk without room for a download.</summary>
    public static HubException NoRoom(RepositoryName repository, string folder, long needed, long free) => new(
        repository.ToString(),
        string.Create(
            CultureInfo.InvariantCulture,
            $"the download needs {needed:N0} bytes, but the disk of '{folder}' has {free:N0} left."),
        "Free some space, or set HF_HUB_CACHE or HubOptions.CacheFolder to a folder on another disk.");

    /// <summary>The error for a cache that cannot be written.</summary>
    public static HubException Storage(RepositoryName repository, string? file, string folder, Exception cause)
    {
        bool full = cause is IOException && (OperatingSystem.IsWindows()
            ? cause.HResult is WindowsDiskFull or WindowsHandleDiskFull
            : cause.HResult is LinuxNoSpace || cause.HResult == (OperatingSystem.IsMacOS() ? MacQuota : LinuxQuota));
        string what = file ?? "the download";
        return new HubException(
            repository.ToString(),
            full ? $"the disk of '{folder}' is full; {what} is not complete."
                : $"{what} cannot be written to '{folder}' ({cause.Message})",
            full ? "Free some space and try again, which goes on where this ended; or set HF_HUB_CACHE or " +
                "HubOptions.CacheFolder to a folder on another disk."
                : "Set HF_HUB_CACHE or HubOptions.CacheFolder to a folder that can be written.",
            cause)
        {
            File = file,
        };
    }

    /// <summary>The error for a model that is not in the cache when nothing may be contacted.</summary>
    public static HubException Offline(RepositoryName repository, string revision, string folder) => new(
        repository.ToString(),
        $"revision '{revision}' is not complete in the cache '{folder}', and nothing may be downloaded (offline).",
        "Unset HF_HUB_OFFLINE or HubOptions.Offline, or download the model on a machine with a network and copy the " +
        "cache.");

    /// <summary>The error for a repository that holds nothing to load.</summary>
    public static HubException Lacks(RepositoryName repository, string commit, string what) => new(
        repository.ToString(),
        $"has no {what} at commit {commit}.",
        "Name a repository that holds a model's config.json and its weights (safetensors or pytorch_model*.bin).");

    private static string SetToken(bool hasToken) => hasToken
        ? "check that the token in HubOptions.Token or HF_TOKEN is valid and may read the repository."
        : "set HubOptions.Token or HF_TOKEN.";

    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        TimeSpan? wait = header?.Delta ?? header?.Date - DateTimeOffset.UtcNow;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static string Innermost(Exception e) => e.GetBaseException().Message.TrimEnd('.');
}
