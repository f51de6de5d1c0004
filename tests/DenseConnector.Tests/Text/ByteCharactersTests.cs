using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class ByteCharactersTests
{
    [Theory]
    [InlineData(0x00, '\u0100')]
    [InlineData(0x0A, '\u010a')]
    [InlineData(0x20, '\u0120')]
    [InlineData(0x21, '!')]
    [InlineData(0x7E, '~')]
    [InlineData(0x7F, '\u0121')]
    [InlineData(0xA0, '\u0142')]
    [InlineData(0xA1, '\u00a1')]
    [InlineData(0xAD, '\u0143')]
    [InlineData(0xFF, '\u00ff')]
    public void Of_Byte_IsItsCharacter(byte value, char expected)
    {
        Assert.Equal(expected, ByteCharacters.Of(value));
        Assert.Equal(value, ByteCharacters.ByteOf(expected));
    }

    [Fact]
    public void Of_AllBytes_AreDifferent() =>
        Assert.Equal(256, Enumerable.Range(0, 256).Select(value => ByteCharacters.Of((byte)value)).Distinct().Count());

    [Theory]
    [InlineData("\u0120a", new byte[] { 0x20, 0x61 })]
    [InlineData("\u0120 a", new byte[] { 0xC4, 0xA0, 0x20, 0x61 })]
    [InlineData("\u4f60", new byte[] { 0xE4, 0xBD, 0xA0 })]
    public void BytesOf_Token_FallsBackToUtf8(string token, byte[] expected) =>
        Assert.Equal(expected, ByteCharacters.BytesOf(token));
}
