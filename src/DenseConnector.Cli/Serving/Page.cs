using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace DenseConnector.Cli.Serving;

/// <summary>A file of the web page, out of the tool itself.</summary>
internal sealed class Page
{
    /// <summary>
    /// What the page may do: load its own style and script, call its own server, show pictures it was given; no page
    /// may frame it.
    /// </summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; " +
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

    private readonly byte[] _content;
    private readonly string _type;
    private readonly string _tag;

    /// <summary>Reads a file.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="type">Its media type.</param>
    public Page(string name, string type)
    {
        using Stream file = typeof(Page).Assembly.GetManifestResourceStream($"page/{name}")!;
        using MemoryStream content = new();
        file.CopyTo(content);
        _content = content.ToArray();
        _type = type;
        _tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(_content))[..16]}\"";
    }

    /// <summary>Sends the file, unless the browser has it.</summary>
    public Task SendAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers.ETag = _tag;
        if (http.Request.Headers.IfNoneMatch.ToString() == _tag)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        http.Response.ContentType = _type;
        http.Response.ContentLength = _content.Length;
        return http.Response.Body.WriteAsync(_content).AsTask();
    }

    /// <summary>Gives every response the headers that keep browsers from guessing and telling.</summary>
    public static Task ProtectAsync(HttpContext http, RequestDelegate next)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return next(http);
    }
}
