using System.Text;
using DenseConnector.Configuration;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests.Configuration;

public sealed class ConfigJsonTests
{
    [Fact]
    public void Load_NoFile_NamesThePath()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "config.json");

        ModelConfigException error = Assert.Throws<ModelConfigException>(() => ConfigJson.Load(path));

        Assert.Equal(path, error.File);
        Assert.Contains("is no file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Folder_NamesThePath()
    {
        using TemporaryFolder folder = new();

        ModelConfigException error = Assert.Throws<ModelConfigException>(() => ConfigJson.Load(folder.Path));

        Assert.Contains("is no file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_HugeFile_IsRefusedUnread()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "config.json");
        using (FileStream file = File.Create(path))
        {
            file.SetLength((16 << 20) + 1);
        }

        ModelConfigException error = Assert.Throws<ModelConfigException>(() => ConfigJson.Load(path));

        Assert.Contains("16,777,217 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("at most 16,777,216", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"a\": 1,}")]
    [InlineData("{\"a\": NaN}")]
    [InlineData("{} {}")]
    [InlineData("<html></html>")]
    [InlineData("\uFEFF{}")]
    public void Parse_NotJson_SaysSo(string text)
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(() => Parse(text));

        Assert.StartsWith("c.json: is not valid JSON", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_BottomlessNesting_IsNotValidJson() =>
        Assert.Throws<ModelConfigException>(() => Parse(new string('[', 100_000)));

    [Theory]
    [InlineData("[]", "Array")]
    [InlineData("3", "Number")]
    [InlineData("null", "Null")]
    [InlineData("\"a\"", "String")]
    public void Parse_OtherThanAnObject_SaysWhatItHolds(string text, string kind)
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(() => Parse(text));

        Assert.Equal($"c.json: holds a JSON {kind}, expected an object.", error.Message);
    }

    [Fact]
    public void Parse_BytesThatAreNoUtf8_SaysSo()
    {
        byte[] bytes = [.. "{\"a\":\""u8, 0xFF, .. "\"}"u8];

        ModelConfigException error = Assert.Throws<ModelConfigException>(() => ConfigJson.Parse("c.json", bytes));

        Assert.Equal("c.json: is not valid UTF-8.", error.Message);
    }

    [Fact]
    public void Has_Null_CountsAsAbsent()
    {
        ConfigJson json = Parse("{\"a\": null, \"b\": false}");

        Assert.False(json.Has("a"));
        Assert.False(json.Has("c"));
        Assert.True(json.Has("b"));
    }

    [Fact]
    public void Readers_NullAndAbsentKeys_GiveTheFallback()
    {
        ConfigJson json = Parse("{\"a\": null}");

        Assert.All(["a", "absent"], key =>
        {
            Assert.Null(json.String(key));
            Assert.Null(json.Doubles(key));
            Assert.Null(json.Object(key));
            Assert.Null(json.Raw(key));
            Assert.True(json.Bool(key, true));
            Assert.Equal(7, json.Int(key, 7));
            Assert.Equal(7, json.PositiveInt(key, 7));
            Assert.Equal(0.5, json.Double(key, 0.5));
            Assert.Equal(0.5, json.PositiveDouble(key, 0.5));
        });
    }

    [Fact]
    public void Readers_ValuesOfTheirKind_GiveThem()
    {
        ConfigJson json = Parse(
            """{"s": "x", "i": -3, "d": 1e-5, "b": true, "list": [1, 2.5], "o": {"i": 4}, "twice": 1, "twice": 2}""");

        Assert.Equal("x", json.String("s"));
        Assert.Equal(-3, json.Int("i"));
        Assert.Equal(1e-5, json.Double("d"));
        Assert.True(json.Bool("b", false));
        Assert.Equal([1, 2.5], json.Doubles("list")!);
        Assert.Equal(4, json.Object("o")!.PositiveInt("i"));

        // As Python reads it.
        Assert.Equal(2, json.Int("twice"));
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("4096.0")]
    [InlineData("2147483648")]
    [InlineData("1e400")]
    [InlineData("\"3\"")]
    [InlineData("true")]
    [InlineData("[3]")]
    public void Int_OtherValue_NamesFilePathAndKind(string value)
    {
        ModelConfigException error = Wrong(value, json => json.Int("k"));

        Assert.Equal($"c.json: 'o.k' is {value}, expected an integer.", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void PositiveInt_NotPositive_Throws(int value)
    {
        ModelConfigException error = Wrong($"{value}", json => json.PositiveInt("k"));

        Assert.Equal($"c.json: 'o.k' is {value}, expected a number greater than 0.", error.Message);
    }

    [Theory]
    [InlineData("1e999")]
    [InlineData("-1e999")]
    [InlineData("\"0.1\"")]
    public void Double_NotFinite_Throws(string value)
    {
        ModelConfigException error = Wrong(value, json => json.Double("k"));

        Assert.Equal($"c.json: 'o.k' is {value}, expected a finite number.", error.Message);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0.5")]
    public void PositiveDouble_NotPositive_Throws(string value)
    {
        ModelConfigException error = Wrong(value, json => json.PositiveDouble("k"));

        Assert.Equal($"c.json: 'o.k' is {value}, expected a number greater than 0.", error.Message);
    }

    [Theory]
    [InlineData("[1, 1e999]")]
    [InlineData("[1, \"2\"]")]
    [InlineData("[null]")]
    [InlineData("1")]
    public void Doubles_OtherValue_Throws(string value)
    {
        ModelConfigException error = Wrong(value, json => json.Doubles("k"));

        Assert.Equal($"c.json: 'o.k' is {value}, expected an array of finite numbers.", error.Message);
    }

    [Fact]
    public void Bool_Number_Throws() =>
        Assert.EndsWith("'o.k' is 1, expected true or false.", Wrong("1", json => json.Bool("k", true)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void String_Number_Throws() =>
        Assert.EndsWith("'o.k' is 1, expected a string.", Wrong("1", json => json.String("k")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Object_Array_Throws() =>
        Assert.EndsWith("'o.k' is [], expected an object.", Wrong("[]", json => json.Object("k")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void String_HalfASurrogatePair_IsNotText()
    {
        ModelConfigException error = Wrong("\"\\ud800\"", json => json.String("k"));

        Assert.Equal("c.json: 'o.k' is not valid Unicode text.", error.Message);
    }

    [Fact]
    public void Has_KeyBesideItWithHalfASurrogatePair_IsNotText()
    {
        ConfigJson json = Parse("{\"k\\ud800\": 1}");

        Assert.Throws<ModelConfigException>(() => json.Has("kind"));
    }

    [Fact]
    public void Keys_HalfASurrogatePair_IsNotText()
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => Parse("{\"o\": {\"\\udc00\": 1}}").Object("o")!.Keys.Count);

        Assert.Equal("c.json: a key of 'o' is not valid Unicode text.", error.Message);
    }

    [Fact]
    public void Int_MissingWithoutFallback_NamesThePath()
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(() => Parse("{}").Int("hidden_size"));

        Assert.Equal("c.json: 'hidden_size' is missing.", error.Message);
        Assert.Equal("hidden_size", error.Path);
    }

    [Fact]
    public void Int_LongWrongValue_IsShownShortened()
    {
        ModelConfigException error = Wrong($"\"{new string('x', 1000)}\"", json => json.Int("k"));

        Assert.InRange(error.Message.Length, 80, 130);
        Assert.Contains("xxx..., expected", error.Message, StringComparison.Ordinal);
    }

    private static ConfigJson Parse(string text) => ConfigJson.Parse("c.json", Encoding.UTF8.GetBytes(text));

    private static ModelConfigException Wrong(string value, Func<ConfigJson, object?> read)
    {
        ConfigJson nested = Parse($"{{\"o\": {{\"k\": {value}}}}}").Object("o")!;
        ModelConfigException error = Assert.Throws<ModelConfigException>(() => read(nested));
        Assert.Equal("o.k", error.Path);
        return error;
    }
}
