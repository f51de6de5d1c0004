using DenseConnector.Hub;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests.Hub;

public sealed class HubSettingsTests
{
    private static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    [Fact]
    public void Resolve_NothingSaid_TakesTheDefaults()
    {
        HubSettings settings = Resolve(new HubOptions { Token = string.Empty });
        Assert.Equal(Path.Combine(Home, ".cache", "huggingface", "hub"), settings.CacheFolder);
        Assert.Equal(new Uri(HubOptions.DefaultEndpoint), settings.Endpoint);
        Assert.Equal("main", settings.Revision);
        Assert.Null(settings.Token);
        Assert.False(settings.Offline);
    }

    [Theory]
    [InlineData("HF_HUB_CACHE=/a;HF_HOME=/b;XDG_CACHE_HOME=/c", "/a")]
    [InlineData("HUGGINGFACE_HUB_CACHE=/a;HF_HOME=/b", "/a")]
    [InlineData("HF_HUB_CACHE=;HF_HOME=/b;XDG_CACHE_HOME=/c", "/b/hub")]
    [InlineData("XDG_CACHE_HOME=/c", "/c/huggingface/hub")]
    [InlineData("HF_HOME=~/x", "~/x/hub")]
    public void Resolve_CacheVariables_InTheirOrder(string variables, string expected) =>
        Assert.Equal(
            Path.GetFullPath(expected.Replace("~", Home, StringComparison.Ordinal)),
            Resolve(new HubOptions { Token = string.Empty }, variables).CacheFolder);

    [Fact]
    public void Resolve_Options_WinOverTheEnvironment()
    {
        HubSettings settings = Resolve(
            new HubOptions
            {
                CacheFolder = "/mine",
                Token = "mine",
                Endpoint = "http://127.0.0.1:1",
                Offline = false,
                Revision = "refs/pr/1",
            },
            "HF_HUB_CACHE=/a;HF_TOKEN=b;HF_ENDPOINT=http://127.0.0.1:2;HF_HUB_OFFLINE=1");
        Assert.Equal(Path.GetFullPath("/mine"), settings.CacheFolder);
        Assert.Equal("mine", settings.Token);
        Assert.Equal(1, settings.Endpoint.Port);
        Assert.False(settings.Offline);
        Assert.Equal("refs/pr/1", settings.Revision);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("ON", true)]
    [InlineData("Yes", true)]
    [InlineData("0", false)]
    [InlineData("", false)]
    [InlineData("off", false)]
    public void Resolve_OfflineVariable_IsReadAsPythonReadsIt(string value, bool expected) =>
        Assert.Equal(expected, Resolve(new HubOptions { Token = string.Empty }, $"HF_HUB_OFFLINE={value}").Offline);

    [Fact]
    public void Resolve_Token_FromVariableThenFile()
    {
        using TemporaryFolder home = new();
        home.Write("token", "  hf_file\n"u8);
        Assert.Equal("hf_file", Resolve(new HubOptions(), $"HF_HOME={home.Path}").Token);
        Assert.Equal("hf_variable", Resolve(new HubOptions(), $"HF_HOME={home.Path};HF_TOKEN=hf_variable").Token);
        Assert.Null(Resolve(new HubOptions { Token = string.Empty }, $"HF_HOME={home.Path}").Token);
        string other = home.Write("other", "hf_other"u8);
        Assert.Equal("hf_other", Resolve(new HubOptions(), $"HF_HOME={home.Path};HF_TOKEN_PATH={other}").Token);
    }

    [Fact]
    public void Resolve_TokenWithLineBreak_ThrowsWithoutShowingIt()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(
            () => Resolve(new HubOptions { Token = "hf_se\r\nX-Evil: 1" }));
        Assert.DoesNotContain("hf_se", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HF_ENDPOINT=nonsense")]
    [InlineData("HF_ENDPOINT=file:///etc")]
    public void Resolve_MalformedEndpoint_Throws(string variables) =>
        Assert.Throws<ArgumentException>(() => Resolve(new HubOptions { Token = string.Empty }, variables));

    [Theory]
    [InlineData("../x")]
    [InlineData("/x")]
    [InlineData("a\\b")]
    public void Resolve_RevisionThatIsAPath_Throws(string revision) => Assert.Throws<ArgumentException>(
        () => Resolve(new HubOptions { Token = string.Empty, Revision = revision }));

    [Fact]
    public void ToString_Token_IsHidden() => Assert.DoesNotContain(
        "hf_secret", new ModelOptions { Hub = new HubOptions { Token = "hf_secret" } }.ToString(),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("ftp://host")]
    [InlineData("host")]
    [InlineData("https://user:password@host")]
    [InlineData("https://host?x=1")]
    public void Endpoint_NoAddress_Throws(string endpoint) =>
        Assert.Throws<ArgumentException>(() => new HubOptions { Endpoint = endpoint });

    private static HubSettings Resolve(HubOptions options, string variables = "")
    {
        Dictionary<string, string> values = variables.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return HubSettings.Resolve(options, name => values.GetValueOrDefault(name));
    }
}
