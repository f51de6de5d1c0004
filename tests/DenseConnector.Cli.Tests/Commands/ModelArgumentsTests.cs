using System.CommandLine;
using DenseConnector.Cli.Commands;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class ModelArgumentsTests
{
    [Theory]
    [InlineData("", MemoryMap.Auto)]
    [InlineData("--no-memory-map", MemoryMap.Never)]
    public void Read_NoMemoryMap_CopiesTheWeights(string commandLine, MemoryMap expected)
    {
        ModelArguments arguments = new();
        Command command = new("ask");
        arguments.AddTo(command);

        Assert.Equal(expected, arguments.Read(command.Parse(commandLine)).MemoryMap);
    }
}
