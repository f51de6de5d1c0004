using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace DenseConnector.Tests.SourceTree;

/// <summary>
/// How the library may call TorchSharp: no tensor on a device or of a type that the process decides, no value read to
/// the host inside a module, no process-wide state, children called so that hooks run.
/// </summary>
/// <remarks>
/// Works on resolved symbols, so that neither <c>using static</c> nor a method of the same name elsewhere deceives it.
/// </remarks>
internal sealed class TensorCallRules
{
    private const string TorchSharp = "TorchSharp";

    /// <summary>The folders whose code runs inside a forward pass.</summary>
    private static readonly string[] ModuleFolders = ["Layers", "Vision", "Connectors", "Decoders", "Multimodal"];

    /// <summary>
    /// What a tensor knows without looking at its values. All else that gives no tensor waits for the device.
    /// </summary>
    private static readonly HashSet<string> Metadata =
    [
        "shape", "size", "stride", "dim", "ndim", "Dimensions", "numel", "NumberOfElements", "element_size",
        "ElementSize", "dtype", "device", "device_type", "device_index", "is_cpu", "is_cuda", "is_meta",
        "is_contiguous", "is_floating_point", "is_integral", "is_complex", "requires_grad", "IsInvalid", "Handle",
        "Equals", "GetHashCode", "GetType",
    ];

    private static readonly string[] ProcessState =
        ["set_default_", "manual_seed", "set_num_", "set_rng_state", "InitializeDevice"];

    private static readonly string[] CudaQuestions = ["is_available", "is_cudnn_available", "device_count"];

    private readonly CSharpCompilation _compilation;
    private readonly IReadOnlyList<HostRead> _allowed;
    private readonly HashSet<HostRead> _used = [];
    private readonly List<string> _problems = [];
    private readonly INamedTypeSymbol _tensor;
    private readonly INamedTypeSymbol _module;
    private readonly INamedTypeSymbol _device;
    private readonly INamedTypeSymbol _type;

    private TensorCallRules(CSharpCompilation compilation, IReadOnlyList<HostRead> allowed)
    {
        _compilation = compilation;
        _allowed = allowed;
        _tensor = Find("TorchSharp.torch+Tensor");
        _module = Find("TorchSharp.torch+nn+Module");
        _device = Find("TorchSharp.torch+Device");
        _type = Find("TorchSharp.torch+ScalarType");
    }

    /// <summary>Every breach, as <c>file:line: problem and remedy</c>, and every allowance nobody needs.</summary>
    public static IReadOnlyList<string> Check(CSharpCompilation compilation, params IReadOnlyList<HostRead> allowed)
    {
        TensorCallRules rules = new(compilation, allowed);
        foreach (SyntaxTree tree in compilation.SyntaxTrees)
        {
            rules.Check(tree);
        }

        return
        [
            .. rules._problems,
            .. allowed.Where(read => !rules._used.Contains(read)).Select(
                read => $"{read.File}: no constructor reads '{read.Member}' any more; remove the allowance."),
        ];
    }

    private INamedTypeSymbol Find(string name) => _compilation.GetTypeByMetadataName(name) ??
        throw new InvalidOperationException($"{name} is not among the references.");

    private void Check(SyntaxTree tree)
    {
        SemanticModel model = _compilation.GetSemanticModel(tree);
        bool inModule = ModuleFolders.Contains(tree.FilePath.Split('/')[0]);
        foreach (SyntaxNode node in tree.GetRoot().DescendantNodes())
        {
            switch (node)
            {
                case InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax:
                    CheckFactory(node, model.GetOperation(node));
                    break;
                case SimpleNameSyntax name when model.GetSymbolInfo(name).Symbol is ISymbol symbol:
                    CheckUse(name, symbol, model, inModule);
                    break;
                case AssignmentExpressionSyntax assignment
                    when model.GetSymbolInfo(assignment.Left).Symbol is ISymbol state &&
                        state.IsStatic && IsTorchSharp(state):
                    Add(node, $"sets '{state.Name}' for the whole process; pass it where it is needed.");
                    break;
                case InterpolationSyntax { Expression: ExpressionSyntax shown } when inModule && IsTensor(model, shown):
                    AddHostRead(node, "ToString");
                    break;
                case BinaryExpressionSyntax sum when inModule && sum.IsKind(SyntaxKind.AddExpression) &&
                    model.GetTypeInfo(sum).Type?.SpecialType == SpecialType.System_String &&
                    (IsTensor(model, sum.Left) || IsTensor(model, sum.Right)):
                    AddHostRead(node, "ToString");
                    break;
            }

            if (node is ExpressionSyntax expression)
            {
                CheckConversion(expression, model, inModule);
            }
        }
    }

    /// <summary>A call that could be told device and type must be told both.</summary>
    private void CheckFactory(SyntaxNode node, IOperation? operation)
    {
        (IMethodSymbol? method, IEnumerable<IArgumentOperation> arguments) = operation switch
        {
            IInvocationOperation call => (call.TargetMethod, call.Arguments),
            IObjectCreationOperation creation => (creation.Constructor, creation.Arguments),
            _ => (null, []),
        };
        if (method is null || !IsTorchSharp(method) || !IsFactory(method))
        {
            return;
        }

        string[] missing = [.. new[] { ("dtype", _type), ("device", _device) }
            .Where(kind => Overloads(method).Any(overload => Takes(overload, kind.Item2)) &&
                !arguments.Any(argument => Is(argument.Parameter!.Type, kind.Item2) && IsSaid(argument)))
            .Select(kind => kind.Item1)];
        if (missing.Length > 0)
        {
            string remedy = string.Join(", ", missing.Select(name => $"{name}: …"));
            Add(node, $"'{Name(method)}' takes the process's default {string.Join(" and ", missing)}; add {remedy}.");
        }
    }

    private void CheckUse(SimpleNameSyntax name, ISymbol symbol, SemanticModel model, bool inModule)
    {
        if (InNameof(name))
        {
            return;
        }

        if (symbol is IMethodSymbol { Name: "forward" } method && Inherits(method.ContainingType, _module) &&
            name.Parent is not MemberAccessExpressionSyntax { Expression: BaseExpressionSyntax })
        {
            Add(name, "calls 'forward', which passes by hooks; use 'call'.");
        }

        if (!IsTorchSharp(symbol))
        {
            return;
        }

        if (symbol is IMethodSymbol group && IsFactory(group) && !IsCalled(name) &&
            Overloads(group).Any(overload => Takes(overload, _device)))
        {
            Add(name, $"'{group.Name}' is passed on, where its device and dtype are not seen; call it in a lambda.");
        }

        if (ProcessState.Any(prefix => symbol.Name.StartsWith(prefix, StringComparison.Ordinal)) ||
            (symbol.ContainingType?.ToDisplayString() == "TorchSharp.torch.cuda" &&
                !CudaQuestions.Contains(symbol.Name)))
        {
            Add(name, $"'{symbol.Name}' changes the whole process; pass device, dtype or generator where needed.");
        }

        if (inModule && ReadsToHost(name, symbol, model))
        {
            AddHostRead(name, symbol.Name);
        }
    }

    private void CheckConversion(ExpressionSyntax expression, SemanticModel model, bool inModule)
    {
        Conversion conversion = expression is CastExpressionSyntax cast && model.GetTypeInfo(cast).Type is { } target
            ? model.ClassifyConversion(cast.Expression, target, isExplicitInSource: true)
            : model.GetConversion(expression);
        if (!conversion.IsUserDefined || conversion.MethodSymbol is not IMethodSymbol method || !IsTorchSharp(method))
        {
            return;
        }

        if (Inherits(method.ReturnType, _tensor))
        {
            Add(expression, "makes a tensor of a number, on the CPU; use Layers/HeldScalars.cs or name the device.");
        }
        else if (inModule && Inherits(method.Parameters[0].Type, _tensor))
        {
            AddHostRead(expression, method.ReturnType.Name);
        }
    }

    private bool ReadsToHost(SimpleNameSyntax name, ISymbol symbol, SemanticModel model)
    {
        if (symbol is not (IMethodSymbol { MethodKind: not MethodKind.Constructor } or IPropertySymbol) ||
            !IsOfTensor(symbol))
        {
            return false;
        }

        if (symbol.Name is "cpu" or "cuda")
        {
            return true;
        }

        if (symbol.Name == "to")
        {
            return name.Parent?.Parent is InvocationExpressionSyntax call &&
                call.ArgumentList.Arguments.Select(argument => model.GetSymbolInfo(argument.Expression).Symbol)
                    .Any(place => place?.Name == "CPU" && IsTorchSharp(place));
        }

        ITypeSymbol type = symbol is IMethodSymbol method ? method.ReturnType : ((IPropertySymbol)symbol).Type;
        return type.SpecialType != SpecialType.System_Void && !HoldsTensors(type) && !Metadata.Contains(symbol.Name);
    }

    /// <summary>Whether a member is a tensor's own, or a function of TorchSharp's that is given one.</summary>
    private bool IsOfTensor(ISymbol symbol) =>
        (!symbol.IsStatic && Inherits(symbol.ContainingType, _tensor)) ||
        (symbol is IMethodSymbol { ReducedFrom: not null } extension && Inherits(extension.ReceiverType, _tensor)) ||
        (symbol is IMethodSymbol { IsStatic: true } function &&
            function.Parameters.Any(parameter => Inherits(parameter.Type, _tensor)));

    /// <summary>
    /// What is made of a tensor or like one is where that one is; anything else is where it is told to be.
    /// </summary>
    private bool IsFactory(IMethodSymbol method) =>
        (method.IsStatic || method.ReducedFrom is not null || method.MethodKind == MethodKind.Constructor) &&
        !method.Name.EndsWith("_like", StringComparison.Ordinal) &&
        !((method.ReducedFrom ?? method) is { IsExtensionMethod: true } extension &&
            (Inherits(extension.Parameters[0].Type, _tensor) || Inherits(extension.Parameters[0].Type, _module) ||
                extension.Parameters[0].Type is ITypeParameterSymbol)) &&
        Overloads(method).Any(overload => Takes(overload, _device));

    private static IEnumerable<IMethodSymbol> Overloads(IMethodSymbol method) =>
        method.ContainingType.GetMembers(method.Name).OfType<IMethodSymbol>();

    private static bool Takes(IMethodSymbol method, INamedTypeSymbol type) =>
        method.Parameters.Any(parameter => Is(parameter.Type, type));

    private static bool Is(ITypeSymbol found, INamedTypeSymbol type) =>
        SymbolEqualityComparer.Default.Equals(found, type) ||
        (found is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable &&
            SymbolEqualityComparer.Default.Equals(nullable.TypeArguments[0], type));

    private static bool IsSaid(IArgumentOperation argument)
    {
        IOperation value = argument.Value;
        while (value is IConversionOperation conversion)
        {
            value = conversion.Operand;
        }

        return argument.ArgumentKind == ArgumentKind.Explicit &&
            value is not (IDefaultValueOperation or ILiteralOperation { ConstantValue.Value: null });
    }

    private static bool IsCalled(SimpleNameSyntax name) =>
        (name.Parent is MemberAccessExpressionSyntax access && access.Name == name ? access : (SyntaxNode)name)
            .Parent is InvocationExpressionSyntax or MemberBindingExpressionSyntax
                or BaseObjectCreationExpressionSyntax;

    private static bool InNameof(SimpleNameSyntax name) => name.Ancestors().OfType<InvocationExpressionSyntax>()
        .Any(call => call.Expression is IdentifierNameSyntax { Identifier.Text: "nameof" });

    private static bool IsTorchSharp(ISymbol symbol) => symbol.ContainingAssembly?.Name == TorchSharp;

    private bool IsTensor(SemanticModel model, ExpressionSyntax expression) =>
        Inherits(model.GetTypeInfo(expression).Type, _tensor);

    private bool HoldsTensors(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => HoldsTensors(array.ElementType),
        INamedTypeSymbol named => Inherits(named, _tensor) || named.TypeArguments.Any(HoldsTensors),
        _ => false,
    };

    private static bool Inherits(ITypeSymbol? type, INamedTypeSymbol ancestor)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(type, ancestor))
            {
                return true;
            }
        }

        return false;
    }

    private static string Name(IMethodSymbol method) =>
        method.MethodKind == MethodKind.Constructor ? method.ContainingType.Name : method.Name;

    private void AddHostRead(SyntaxNode node, string member)
    {
        HostRead? allowed = node.Ancestors().OfType<ConstructorDeclarationSyntax>().Any()
            ? _allowed.FirstOrDefault(read => read.File == node.SyntaxTree.FilePath && read.Member == member)
            : null;
        if (allowed is null)
        {
            Add(node, $"'{member}' brings a tensor to the host inside a module and waits for the device; compute on " +
                "the device, or take the value where the step ends.");
        }
        else
        {
            _used.Add(allowed);
        }
    }

    private void Add(SyntaxNode node, string problem)
    {
        int line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
        _problems.Add($"{node.SyntaxTree.FilePath}:{line}: {problem}");
    }
}
