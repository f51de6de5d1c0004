using DenseConnector.Loading;
using static DenseConnector.Tests.Loading.SafetensorsBytes;

namespace DenseConnector.Tests.Loading;

public sealed class SafetensorsHeaderTests
{
    private const string FileName = "hostile.safetensors";

    // ---- The bytes

    [Fact]
    public void Parse_BytesOfHeaderNotUtf8_Throws() =>
        AssertRefused(Of([.. "{\"a"u8, 0xFF, .. "\":1}"u8], []), "not valid UTF-8");

    [Fact]
    public void Parse_OverlongUtf8_Throws() =>
        AssertRefused(Of([.. "{\""u8, 0xC0, 0x80, .. "\":1}"u8], []), "not valid UTF-8");

    [Fact]
    public void Parse_Utf8EncodedSurrogate_Throws() =>
        AssertRefused(Of([.. "{\""u8, 0xED, 0xA0, 0x80, .. "\":1}"u8], []), "not valid UTF-8");

    [Fact]
    public void Parse_ByteOrderMark_Throws() =>
        AssertRefused(Of([0xEF, 0xBB, 0xBF, .. "{}"u8], []), "starts with byte 0xEF");

    [Fact]
    public void Parse_SpaceBeforeBrace_Throws() => AssertRefused(Of(" {}"), "starts with byte 0x20, expected '{'");

    [Fact]
    public void Parse_HeaderIsArray_Throws() => AssertRefused(Of("[]"), "starts with byte 0x5B, expected '{'");

    // ---- The JSON

    [Theory]
    [InlineData("{")]
    [InlineData("{\"a\"")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\":{\"dtype\":NaN}}")]
    [InlineData("{\"a\":{\"shape\":[01]}}")]
    [InlineData("{\"a\n\":1}")]
    public void Parse_BrokenJson_Throws(string header) => AssertRefused(Of(header), "its header is not valid JSON");

    [Fact]
    public void Parse_SecondValueAfterHeader_Throws() => AssertRefused(Of("{}{}"), "its header is not valid JSON");

    [Fact]
    public void Parse_ZeroBytesAfterHeader_Throws() => AssertRefused(Of("{}\0\0"), "its header is not valid JSON");

    [Fact]
    public void Parse_Comment_Throws() => AssertRefused(Of("{/* */}"), "its header is not valid JSON");

    [Fact]
    public void Parse_TrailingComma_Throws() =>
        AssertRefused(Of($"{{{Entry("a", "U8", "[0]", 0, 0)},}}"), "its header is not valid JSON");

    [Fact]
    public void Parse_DeepNesting_Throws() => AssertRefused(
        Of($"{{\"a\":{{\"x\":{new string('[', 100_000)}{new string(']', 100_000)}}}}}"), "is not valid JSON");

    [Theory]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""")]
    [InlineData("""{"a":{"\udc00":1}}""")]
    [InlineData("""{"a":{"dtype":"\ud800\ud800"}}""")]
    [InlineData("""{"__metadata__":{"a":"\ud800"}}""")]
    [InlineData("""{"__metadata__":{"\ud800x":"a"}}""")]
    public void Parse_HalfSurrogateEscape_Throws(string header) =>
        AssertRefused(Of(header), "its header is not valid JSON");

    [Fact]
    public void Parse_SameTensorTwice_Throws() => AssertRefused(
        Of($"{{{Entry("a", "U8", "[1]", 0, 1)},{Entry("a", "U8", "[1]", 0, 1)}}}", 1), "stands twice", "a");

    [Fact]
    public void Parse_SameTensorTwiceByEscape_Throws() => AssertRefused(
        Of($"{{{Entry("a", "U8", "[1]", 0, 1)},{Entry("\\u0061", "U8", "[1]", 1, 2)}}}", 2), "stands twice", "a");

    [Fact]
    public void Parse_SameEmptyTensorTwice_Throws() => AssertRefused(
        Of($"{{{Entry("a", "U8", "[0]", 0, 0)},{Entry("a", "F32", "[0]", 0, 0)}}}"), "stands twice", "a");

    [Theory]
    [InlineData("dtype", "\"U8\"")]
    [InlineData("shape", "[1]")]
    [InlineData("data_offsets", "[0,1]")]
    public void Parse_SameKeyTwiceInDescription_Throws(string key, string value) => AssertRefused(
        Of($"{{\"a\":{{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"{key}\":{value}}}}}", 1),
        $"has '{key}' twice",
        "a");

    [Fact]
    public void Parse_MetadataTwice_Throws() =>
        AssertRefused(Of("{\"__metadata__\":{},\"__metadata__\":{}}"), "has '__metadata__' twice");

    [Fact]
    public void Parse_NullMetadataThenMetadata_Throws() =>
        AssertRefused(Of("{\"__metadata__\":null,\"__metadata__\":{}}"), "has '__metadata__' twice");

    [Fact]
    public void Parse_MetadataKeyTwice_Throws() =>
        AssertRefused(Of("{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}}"), "its '__metadata__' has 'a' twice");

    [Fact]
    public void Parse_MetadataNotObject_Throws() =>
        AssertRefused(Of("{\"__metadata__\":[]}"), "its '__metadata__' is an array, expected an object of strings");

    [Theory]
    [InlineData("1", "a number")]
    [InlineData("{}", "an object")]
    [InlineData("null", "null")]
    [InlineData("true", "a truth value")]
    public void Parse_MetadataValueNotString_Throws(string value, string kind) => AssertRefused(
        Of($"{{\"__metadata__\":{{\"a\":{value}}}}}"), $"its '__metadata__' has 'a' as {kind}, expected a string");

    [Theory]
    [InlineData("[\"U8\",[0],[0,0]]", "an array")]
    [InlineData("null", "null")]
    [InlineData("\"U8\"", "a string")]
    public void Parse_DescriptionNotObject_Throws(string value, string kind) =>
        AssertRefused(Of($"{{\"a\":{value}}}"), $"tensor 'a' is described by {kind}", "a");

    [Theory]
    [InlineData("dtype", "{\"a\":{\"shape\":[0],\"data_offsets\":[0,0]}}")]
    [InlineData("shape", "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,0]}}")]
    [InlineData("data_offsets", "{\"a\":{\"dtype\":\"U8\",\"shape\":[0]}}")]
    public void Parse_KeyMissingInDescription_Throws(string key, string header) =>
        AssertRefused(Of(header), $"tensor 'a' has no '{key}'", "a");

    // ---- One tensor

    [Theory]
    [InlineData("Q9"), InlineData("f32"), InlineData("F32 "), InlineData(""), InlineData("0"), InlineData("F32,F16")]
    [InlineData("F4")]
    public void Parse_UnknownType_Throws(string type) => AssertRefused(
        Of($"{{{Entry("a", type, "[0]", 0, 0)}}}"), $"tensor 'a' has dtype '{type}', known are F64, F32,", "a");

    [Fact]
    public void Parse_TypeNotString_Throws() => AssertRefused(
        Of("""{"a":{"dtype":1,"shape":[0],"data_offsets":[0,0]}}"""), "has a 'dtype' that is a number", "a");

    [Theory]
    [InlineData("[-1]", "has -1 in 'shape'")]
    [InlineData("[-0]", "has -0 in 'shape'")]
    [InlineData("[1.0]", "has 1.0 in 'shape'")]
    [InlineData("[1e0]", "has 1e0 in 'shape'")]
    [InlineData("[9223372036854775808]", "has 9223372036854775808 in 'shape'")]
    [InlineData("[99999999999999999999999999999999999999999999]", "has 9999999999999999999999999999999999999999 in")]
    [InlineData("[\"1\"]", "has a string in 'shape'")]
    [InlineData("[null]", "has null in 'shape'")]
    [InlineData("[[1]]", "has an array in 'shape'")]
    [InlineData("1", "has a 'shape' that is a number")]
    [InlineData("null", "has a 'shape' that is null")]
    public void Parse_ShapeNotOfNaturalNumbers_Throws(string shape, string problem) =>
        AssertRefused(Of($"{{{Entry("a", "U8", shape, 0, 1)}}}", 1), problem, "a");

    [Fact]
    public void Parse_TooManyDimensions_Throws()
    {
        string shape = $"[{string.Join(',', Enumerable.Repeat(1, SafetensorsHeader.MaxRank + 1))}]";

        AssertRefused(Of($"{{{Entry("a", "U8", shape, 0, 1)}}}", 1), "has more than 64 numbers in 'shape'", "a");
    }

    [Theory]
    [InlineData("[4294967296,4294967296]")]
    [InlineData("[9223372036854775807,2]")]
    [InlineData("[3037000500,3037000500]")]
    [InlineData("[9223372036854775807,9223372036854775807,9223372036854775807,0]")]
    public void Parse_ShapeOverflows_Throws(string shape) => AssertRefused(
        Of($"{{{Entry("a", "U8", shape, 0, 0)}}}"), "has a shape of more than 9223372036854775807 elements", "a");

    [Fact]
    public void Parse_ShapeTimesSizeOverflows_Throws() => AssertRefused(
        Of($"{{{Entry("a", "F64", "[2305843009213693952]", 0, 0)}}}"),
        "has 0 bytes of data, expected 18446744073709551616",
        "a");

    [Theory]
    [InlineData("[0]", "has 1 numbers in 'data_offsets', expected 2")]
    [InlineData("[]", "has 0 numbers in 'data_offsets', expected 2")]
    [InlineData("[0,1,1]", "has more than 2 numbers in 'data_offsets'")]
    [InlineData("[-1,0]", "has -1 in 'data_offsets'")]
    [InlineData("[0,1.5]", "has 1.5 in 'data_offsets'")]
    [InlineData("[18446744073709551615,0]", "has 18446744073709551615 in 'data_offsets'")]
    [InlineData("{\"0\":0}", "has a 'data_offsets' that is an object")]
    [InlineData("[1,0]", "has data_offsets [1, 0]")]
    public void Parse_OffsetsNotTwoRisingNumbers_Throws(string offsets, string problem) => AssertRefused(
        Of($"{{\"a\":{{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":{offsets}}}}}", 1), problem, "a");

    [Fact]
    public void Parse_FewerBytesThanShape_Throws() => AssertRefused(
        Of($"{{{Entry("a", "F32", "[2,2]", 0, 12)}}}", 12),
        "has 12 bytes of data, expected 16 for F32 of shape [2, 2]",
        "a");

    [Fact]
    public void Parse_MoreBytesThanShape_Throws() => AssertRefused(
        Of($"{{{Entry("a", "BF16", "[3]", 0, 7)}}}", 7), "has 7 bytes of data, expected 6 for BF16 of shape [3]", "a");

    // ---- The layout

    [Fact]
    public void Parse_TensorEndsBeyondFile_Throws() => AssertRefused(
        Of($"{{{Entry("a", "U8", "[9]", 0, 9)}}}", 8), "ends at byte 9 of the data, of which the file has 8", "a");

    [Fact]
    public void Parse_OffsetsNearTheLargestNumber_Throws() => AssertRefused(
        Of($"{{{Entry("a", "U8", "[7]", long.MaxValue - 7, long.MaxValue)}}}", 7),
        $"ends at byte {long.MaxValue} of the data, of which the file has 7",
        "a");

    [Fact]
    public void Parse_BytesAfterLastTensor_Throws() => AssertRefused(
        Of($"{{{Entry("a", "U8", "[4]", 0, 4)}}}", 5), "its tensors take 4 bytes of data, but 5 follow");

    [Fact]
    public void Parse_DataWithoutTensors_Throws() =>
        AssertRefused(Of("{}", 1), "its tensors take 0 bytes of data, but 1 follow");

    [Fact]
    public void Parse_HoleBeforeFirstTensor_Throws() => AssertRefused(
        Of($"{{{Entry("a", "U8", "[4]", 1, 5)}}}", 5), "leaving 1 bytes before it that belong to no tensor", "a");

    [Fact]
    public void Parse_HoleBetweenTensors_Throws() => AssertRefused(
        Of($"{{{Entry("a", "U8", "[4]", 0, 4)},{Entry("b", "U8", "[2]", 6, 8)}}}", 8),
        "starts at byte 6 of the data, leaving 2 bytes before it that belong to no tensor; expected byte 4",
        "b");

    [Fact]
    public void Parse_OverlappingTensors_Throws() => AssertRefused(
        Of($"{{{Entry("b", "U8", "[5]", 3, 8)},{Entry("a", "U8", "[4]", 0, 4)}}}", 8),
        "starts at byte 3 of the data, inside tensor 'a'; expected byte 4",
        "b");

    [Fact]
    public void Parse_TensorsThatShareTheirBytes_Throws() => AssertRefused(
        Of($"{{{Entry("a", "U8", "[4]", 0, 4)},{Entry("b", "U8", "[4]", 0, 4)}}}", 4), "inside tensor", "b");

    [Fact]
    public void Parse_EmptyTensorInsideAnother_Throws() => AssertRefused(
        Of($"{{{Entry("a", "U8", "[4]", 0, 4)},{Entry("b", "U8", "[0]", 2, 2)}}}", 4), "inside tensor 'a'", "b");

    [Fact]
    public void Parse_EmptyTensorPastTheEnd_Throws() => AssertRefused(
        Of($"{{{Entry("a", "U8", "[4]", 0, 4)},{Entry("b", "U8", "[0]", 5, 5)}}}", 4), "ends at byte 5", "b");

    // ---- Bounds

    [Fact]
    public void Parse_TooManyMetadataEntries_Throws() =>
        AssertRefused(Of($"{{{ManyMetadata(SafetensorsHeader.MaxKeys + 1)}}}"), "more than 1000000 tensors");

    [Fact]
    public void Parse_TooManyKeysByOneTensor_Throws() => AssertRefused(
        Of($"{{{ManyMetadata(SafetensorsHeader.MaxKeys)},{Entry("a", "U8", "[0]", 0, 0)}}}"),
        "more than 1000000 tensors");

    [Fact]
    public void Parse_LongNameInError_IsCut()
    {
        string name = new('n', 100_000);

        CheckpointException error = AssertRefused(Of($"{{\"{name}\":1}}"), "tensor 'nnn", name);

        Assert.True(error.Message.Length < 600 + error.File.Length);
    }

    [Fact]
    public void Parse_NameThatForgesLines_IsEscapedInError() =>
        AssertRefused(Of("""{"a\n\u001b[31m\u202e\u2028\u2029":1}"""), """'a\u000A\u001B[31m\u202E\u2028\u2029' is""");

    // ---- Support

    private static string ManyMetadata(int count) =>
        $"\"__metadata__\":{{{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{i:x}\":\"\""))}}}";

    private static CheckpointException AssertRefused(byte[] file, string problem, string? tensor = null)
    {
        int dataStart = 8 + BitConverter.ToInt32(file);

        CheckpointException error = Assert.Throws<CheckpointException>(
            () => SafetensorsHeader.Parse(FileName, file.AsSpan(8..dataStart), dataStart, file.Length - dataStart));

        Assert.StartsWith($"{FileName}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains("Download the file again", error.Message, StringComparison.Ordinal);
        Assert.Equal(FileName, error.File);
        if (tensor is not null)
        {
            Assert.Equal(tensor, error.Tensor);
        }

        return error;
    }
}
