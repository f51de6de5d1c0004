using DenseConnector.Layers;

namespace DenseConnector.Tests.Layers;

/// <summary>A theory about the products that only some processors do fast, and the others not at all.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class VnniTheoryAttribute : TheoryAttribute
{
    public VnniTheoryAttribute()
    {
        if (!IntegerProduct.IsFast)
        {
            Skip = "This processor has no AVX512-VNNI, hence the library computes in bfloat16.";
        }
    }
}
