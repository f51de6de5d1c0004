using System.Net;
using System.Text.RegularExpressions;
using DenseConnector.Cli.Serving;

namespace DenseConnector.Cli.Tests.Serving;

public sealed class PageTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/app.css", "text/css")]
    [InlineData("/app.js", "text/javascript")]
    public async Task File_OfThePage_ComesWithTheHeadersThatProtectIt(string path, string type)
    {
        using HttpResponseMessage response = await _server.Http.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("utf-8", response.Content.Headers.ContentType.CharSet);
        Assert.Equal(Page.Policy, Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.False(response.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("/v1/models")]
    [InlineData("/nowhere")]
    public async Task Response_OfAnyKind_IsProtectedToo(string path)
    {
        using HttpResponseMessage response = await _server.Http.GetAsync(path);

        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.True(response.Headers.Contains("Content-Security-Policy"));
    }

    [Fact]
    public void Policy_AllowsNothingInlineAndNothingOutside()
    {
        Assert.StartsWith("default-src 'none';", Page.Policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", Page.Policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", Page.Policy, StringComparison.Ordinal);
        Assert.DoesNotContain("*", Page.Policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_ThatTheBrowserHas_IsNotSentAgain()
    {
        using HttpResponseMessage first = await _server.Http.GetAsync("/app.js");
        using HttpRequestMessage request = new(HttpMethod.Get, "/app.js");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using HttpResponseMessage second = await _server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Markup_HasNothingInlineAndNothingFromOutside()
    {
        string html = await _server.Http.GetStringAsync("/");

        Assert.DoesNotMatch("<style|<script(?! src=\"/)|\\sstyle=|\\son[a-z]+=|https?://", html);
        Assert.DoesNotMatch("https?://|url\\(|@import", await _server.Http.GetStringAsync("/app.css"));
    }

    [Fact]
    public async Task Script_PutsTextInAsTextOnly() =>
        Assert.DoesNotMatch(
            "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|\\beval\\b|new Function|https?://|localStorage",
            await _server.Http.GetStringAsync("/app.js"));

    [Fact]
    public async Task Inputs_OfThePage_AllHaveALabel()
    {
        string html = await _server.Http.GetStringAsync("/");
        string[] labelled =
            [.. Regex.Matches(html, "<label[^>]* for=\"([^\"]+)\"").Select(match => match.Groups[1].Value)];

        Assert.All(
            Regex.Matches(html, "<(?:input|textarea|select)[^>]* id=\"([^\"]+)\"")
                .Select(match => match.Groups[1].Value),
            id => Assert.True(
                labelled.Contains(id) || Regex.IsMatch(html, $"<label>[^<]*<(?:input|select) id=\"{id}\""),
                $"{id} has no label"));
    }
}
