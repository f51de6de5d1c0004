using Microsoft.CodeAnalysis.CSharp;

namespace DenseConnector.Tests.SourceTree;

public sealed class TensorCallRulesTests
{
    /// <summary>The values a module may read, each once when it is made.</summary>
    private static readonly HostRead[] Allowed =
    [
        new("Decoders/RotaryEmbedding.cs", "data",
            "a few frequencies, computed by libtorch as the reference does and then scaled in plain arithmetic"),
    ];

    [Fact]
    public void Check_Library_KeepsEveryRule()
    {
        CSharpCompilation library = LibrarySource.Compile();

        // A name that does not resolve would escape the rules.
        Assert.Empty(LibrarySource.Errors(library));
        IReadOnlyList<string> problems = TensorCallRules.Check(library, Allowed);
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Theory]
    [InlineData("zeros(2, 3)", "dtype and device; add dtype: …, device: ….")]
    [InlineData("torch.zeros(2, 3)", "dtype and device")]
    [InlineData("ones([2], ScalarType.Float32)", "default device; add device")]
    [InlineData("empty([2], device: CPU)", "default dtype; add dtype")]
    [InlineData("full(2, 1f, null, CPU)", "default dtype")]
    [InlineData("full(2, 1f, default(ScalarType?), CPU)", "default dtype")]
    [InlineData("full([2], 1f, ScalarType.Float32, null)", "default device")]
    [InlineData("tensor(1f)", "'tensor' takes")]
    [InlineData("tensor(new[] { 1f, 2f })", "'tensor' takes")]
    [InlineData("tensor(new[] { 1L }, ScalarType.Int64)", "'tensor' takes")]
    [InlineData("as_tensor(new[] { 1f })", "'as_tensor' takes")]
    [InlineData("from_array(new[] { 1f })", "'from_array' takes")]
    [InlineData("new[] { 1f }.ToTensor(new long[] { 1 })", "'ToTensor' takes")]
    [InlineData("arange(0, 4, 1)", "'arange' takes")]
    [InlineData("linspace(0, 1, 5)", "'linspace' takes")]
    [InlineData("eye(3)", "'eye' takes")]
    [InlineData("rand(2)", "'rand' takes")]
    [InlineData("randn(2)", "'randn' takes")]
    [InlineData("randint(0, 5, new long[] { 2 })", "'randint' takes")]
    [InlineData("randperm(5)", "'randperm' takes")]
    [InlineData("hann_window(5)", "'hann_window' takes")]
    [InlineData("nn.Linear(2, 3)", "'Linear' takes")]
    [InlineData("new[] { 1L }.Select(n => (Func<long[], Tensor>)(s => zeros(s)))", "'zeros' takes")]
    [InlineData("(Tensor)2f", "makes a tensor of a number")]
    public void Check_FactoryLeftToTheProcess_SaysWhatIsMissing(string expression, string problem) =>
        AssertBroken(expression, problem);

    [Theory]
    [InlineData("zeros([2, 3], ScalarType.Float32, CPU)")]
    [InlineData("zeros([2, 3], device: input.device, dtype: input.dtype)")]
    [InlineData("tensor(new[] { 1f }, [1], ScalarType.Float32, CPU)")]
    [InlineData("arange(0, 4, 1, ScalarType.Float32, CPU)")]
    [InlineData("zeros_like(input)")]
    [InlineData("input.new_zeros(2)")]
    [InlineData("input.to(ScalarType.BFloat16)")]
    [InlineData("cat([input, input], 0)")]
    [InlineData("input.sum(0L)")]
    [InlineData("Own.zeros(2, \"own\")")]
    public void Check_FactoryToldEverything_Passes(string expression) => AssertKept(expression);

    [Theory]
    [InlineData("input.item<float>()", "'item'")]
    [InlineData("input.ToSingle()", "'ToSingle'")]
    [InlineData("input.ToInt32()", "'ToInt32'")]
    [InlineData("input.ToScalar()", "'ToScalar'")]
    [InlineData("input[0].ReadCpuSingle(0)", "'ReadCpuSingle'")]
    [InlineData("input.data<float>()", "'data'")]
    [InlineData("input.bytes.Length", "'bytes'")]
    [InlineData("input.tolist()", "'tolist'")]
    [InlineData("input.cpu()", "'cpu'")]
    [InlineData("input.cuda()", "'cuda'")]
    [InlineData("input.to(CPU)", "'to'")]
    [InlineData("input.to(DeviceType.CPU)", "'to'")]
    [InlineData("input.to(ScalarType.Float32, CPU)", "'to'")]
    [InlineData("input.ToString()", "'ToString'")]
    [InlineData("input.str()", "'str'")]
    [InlineData("$\"{input}\"", "'ToString'")]
    [InlineData("\"is \" + input", "'ToString'")]
    [InlineData("input.allclose(input)", "'allclose'")]
    [InlineData("torch.allclose(input, input)", "'allclose'")]
    [InlineData("input.is_nonzero()", "'is_nonzero'")]
    [InlineData("(float)input", "'Single'")]
    [InlineData("input?.item<float>()", "'item'")]
    [InlineData("new[] { 1 }.Select(_ => input.item<long>())", "'item'")]
    [InlineData("new[] { input }.Select(TensorExtensionMethods.ToSingle)", "'ToSingle'")]
    public void Check_ModuleThatReadsToTheHost_SaysWithWhat(string expression, string problem)
    {
        AssertBroken(expression, problem + " brings a tensor to the host");
        AssertKept(expression, "Generation/Snippet.cs");
    }

    [Theory]
    [InlineData("input.shape[0]")]
    [InlineData("input.size(0)")]
    [InlineData("input.dtype")]
    [InlineData("input.device")]
    [InlineData("input.numel()")]
    [InlineData("input.max(0)")]
    [InlineData("input.to(input.device)")]
    [InlineData("input.MoveToOuterDisposeScope()")]
    [InlineData("input[0]")]
    [InlineData("ReferenceEquals(input, null)")]
    [InlineData("2.ToString()")]
    [InlineData("$\"{input.shape.Length}\"")]
    [InlineData("nameof(input.item)")]
    public void Check_ModuleThatReadsMetadata_Passes(string expression) => AssertKept(expression);

    [Theory]
    [InlineData("torch.manual_seed(1)", "'manual_seed'")]
    [InlineData("random.manual_seed(1)", "'manual_seed'")]
    [InlineData("set_default_dtype(ScalarType.BFloat16)", "'set_default_dtype'")]
    [InlineData("set_default_device(CPU)", "'set_default_device'")]
    [InlineData("set_num_threads(1)", "'set_num_threads'")]
    [InlineData("cuda.manual_seed(1)", "'manual_seed'")]
    [InlineData("cuda.synchronize(CUDA)", "'synchronize'")]
    [InlineData("InitializeDeviceType(DeviceType.CUDA)", "'InitializeDeviceType'")]
    [InlineData("backends.cuda.matmul.allow_tf32 = true", "'allow_tf32'")]
    public void Check_ProcessWideState_Throws(string expression, string problem) =>
        AssertBroken(expression, problem, "Generation/Snippet.cs");

    [Fact]
    public void Check_QuestionAboutCuda_Passes() => AssertKept("cuda.is_available()");

    [Theory]
    [InlineData("_child.forward(input)")]
    [InlineData("this.forward(input)")]
    [InlineData("new Func<Tensor, Tensor>(_child.forward)")]
    public void Check_ForwardOfAModule_AsksForCall(string expression) => AssertBroken(expression, "use 'call'");

    [Theory]
    [InlineData("_child.call(input)")]
    [InlineData("new Own().forward()")]
    public void Check_CallOfAModule_Passes(string expression) => AssertKept(expression);

    [Fact]
    public void Check_Breach_NamesFileAndLine() => Assert.StartsWith(
        "Layers/Snippet.cs:13: 'zeros' takes", Assert.Single(Check("zeros(2, 3)")), StringComparison.Ordinal);

    [Fact]
    public void Check_AllowedRead_PassesInTheConstructorAlone()
    {
        HostRead allowed = new("Layers/Snippet.cs", "item", "a test");

        Assert.Empty(Check("input", "Layers/Snippet.cs", "scale.item<float>()", allowed));
        Assert.Equal(2, Check("input.item<float>()", "Layers/Snippet.cs", "scale", allowed).Count);
        Assert.Contains("'data'", Check("input", "Layers/Snippet.cs", "scale.data<float>()", allowed)[0],
            StringComparison.Ordinal);
    }

    [Fact]
    public void Check_AllowanceNobodyNeeds_IsAProblem() => Assert.Equal(
        ["Layers/Snippet.cs: no constructor reads 'item' any more; remove the allowance."],
        Check("input", allowed: new HostRead("Layers/Snippet.cs", "item", "a test")));

    private static void AssertBroken(string expression, string problem, string path = "Layers/Snippet.cs") =>
        Assert.Contains(problem, Assert.Single(Check(expression, path)), StringComparison.Ordinal);

    private static void AssertKept(string expression, string path = "Layers/Snippet.cs") =>
        Assert.Empty(Check(expression, path));

    private static IReadOnlyList<string> Check(
        string expression, string path = "Layers/Snippet.cs", string made = "scale", params HostRead[] allowed)
    {
        CSharpCompilation snippet = LibrarySource.Compile((
            path,
            $$"""
            using TorchSharp;
            using static TorchSharp.torch;
            internal sealed class Snippet : nn.Module<Tensor, Tensor>
            {
                private readonly nn.Module<Tensor, Tensor> _child;
                public Snippet(nn.Module<Tensor, Tensor> child, Tensor scale) : base("snippet")
                {
                    _child = child;
                    object made = {{made}};
                }
                public override Tensor forward(Tensor input)
                {
                    Run(() => {{expression}});
                    return input;
                }
                private static void Run(Action action) => action();
                private static void Run<T>(Func<T> function) => function();
                private sealed class Own
                {
                    public int forward() => 1;
                    public static int zeros(int count, string own) => count + own.Length;
                }
            }
            """));
        Assert.Empty(LibrarySource.Errors(snippet));
        return TensorCallRules.Check(snippet, allowed);
    }
}
