using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Loading;

public sealed class HugePagesTests : TensorTest
{
    private const long MebiByte = 1 << 20;

    [LinuxX64Fact]
    public void Empty_LargeTensor_StartsAtAHugePageAndCanBeWritten()
    {
        using Tensor tensor = HugePages.Empty([3, (int)MebiByte], ScalarType.BFloat16, CPU);

        Assert.Equal(0, TensorRows.Address(tensor) % PageMemory.HugePage);
        Assert.Equal([3, MebiByte], tensor.shape);
        Assert.Equal(ScalarType.BFloat16, tensor.dtype);
        using Tensor ones = ones_like(tensor);
        tensor.copy_(ones);
        using Tensor sum = tensor.sum(ScalarType.Float32);
        Assert.Equal(3 * MebiByte, sum.item<float>());
    }

    [Fact]
    public void Empty_OtherDevice_StaysThere()
    {
        using Tensor tensor = HugePages.Empty([(int)MebiByte, 1000], ScalarType.Float32, META);

        Assert.Equal(TorchSharp.DeviceType.META, tensor.device_type);
    }
}
