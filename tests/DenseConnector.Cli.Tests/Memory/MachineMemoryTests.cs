using DenseConnector.Cli.Memory;

namespace DenseConnector.Cli.Tests.Memory;

public sealed class MachineMemoryTests
{
    [Fact]
    public void Available_ThisMachine_IsMoreThanThisProcessHasAndNotAll()
    {
        Assert.InRange(MachineMemory.Available, 1 << 20, MachineMemory.Total);
        Assert.True(!OperatingSystem.IsLinux() || MachineMemory.Available < MachineMemory.Total);
    }
}
