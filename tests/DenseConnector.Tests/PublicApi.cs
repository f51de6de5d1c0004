using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace DenseConnector.Tests;

/// <summary>
/// Prints the public surface of an assembly: each type, below it its members by name, one a line. What the compiler
/// adds to every record is left out.
/// </summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static |
        BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    public static string Print(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Header(type)).Append('\n');
            foreach ((_, string line) in Members(type)
                .OrderBy(member => member.Name, StringComparer.Ordinal)
                .ThenBy(member => member.Line, StringComparer.Ordinal))
            {
                text.Append("    ").Append(line).Append('\n');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Header(Type type)
    {
        string kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : IsRecord(type) ? type.IsValueType ? "record struct" : "record"
            : type.IsValueType ? "struct"
            : "class";
        string modifier = type.IsValueType || type.IsInterface ? string.Empty
            : type.IsAbstract && type.IsSealed ? "static "
            : type.IsAbstract ? "abstract "
            : type.IsSealed ? "sealed "
            : string.Empty;
        IEnumerable<Type> bases = type.IsEnum ? []
            : new[] { type.BaseType }.OfType<Type>()
                .Where(based => based != typeof(object) && based != typeof(ValueType))
                .Concat(type.GetInterfaces()
                    .Except(type.BaseType?.GetInterfaces() ?? [])
                    .Where(one => one.Name != "IEquatable`1")
                    .OrderBy(one => one.Name, StringComparer.Ordinal));
        string inherits = string.Join(", ", bases.Select(based => Name(based)));
        return $"{modifier}{kind} {type.Namespace}.{Name(type)}{(inherits.Length == 0 ? "" : " : " + inherits)}";
    }

    private static IEnumerable<(string Name, string Line)> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => (name, $"{name} = {(int)Enum.Parse(type, name)}"));
        }

        // Constructors first: '#' stands before every letter.
        IEnumerable<(string, string)> constructors = type.GetConstructors(Declared)
            .Where(made => IsSeen(made) && made.GetCustomAttribute<CompilerGeneratedAttribute>() is null)
            .Select(made => ("#", $"{Access(made)}{type.Name}({Parameters(made)})"));
        IEnumerable<(string, string)> properties = type.GetProperties(Declared)
            .Where(property => property.Name != "EqualityContract" && property.GetAccessors(true).Any(IsSeen))
            .Select(property => (property.Name, Property(property)));
        IEnumerable<(string, string)> fields = type.GetFields(Declared)
            .Where(field => field.IsPublic || field.IsFamily)
            .Select(field => (
                field.Name, $"{(field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}"));
        IEnumerable<(string, string)> methods = type.GetMethods(Declared)
            .Where(method => IsSeen(method) && !IsMadeByTheCompiler(method))
            .Select(method => (
                method.Name,
                $"{Access(method)}{Name(method.ReturnType, Nullability.Create(method.ReturnParameter))} " +
                    $"{method.Name}({Parameters(method)})"));
        return [.. constructors, .. properties, .. fields, .. methods];
    }

    private static string Property(PropertyInfo property)
    {
        MethodInfo getter = property.GetMethod!;
        bool isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers()
            .Contains(typeof(IsExternalInit)) == true;
        string set = property.SetMethod is MethodInfo setter && IsSeen(setter)
            ? isInit ? " init;" : " set;"
            : string.Empty;
        string required = property.GetCustomAttribute<RequiredMemberAttribute>() is null ? string.Empty : "required ";
        string type = Name(property.PropertyType, Nullability.Create(property));
        return $"{Access(getter)}{required}{type} {property.Name} {{ get;{set} }}";
    }

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(parameter =>
        {
            string spread = parameter.GetCustomAttributes()
                .Any(attribute => attribute is ParamArrayAttribute or ParamCollectionAttribute) ? "params " : "";
            string optional = !parameter.HasDefaultValue ? string.Empty : parameter.DefaultValue switch
            {
                null => " = default",
                object value => $" = {value}",
            };
            return $"{spread}{Name(parameter.ParameterType, Nullability.Create(parameter))} {parameter.Name}{optional}";
        }));

    private static string Access(MethodBase method) =>
        (method.IsPublic ? string.Empty : "protected ") +
        (method.IsStatic ? "static "
            : method.IsAbstract ? "abstract "
            : method is MethodInfo info && info.GetBaseDefinition() != info ? "override "
            : method.IsVirtual && !method.IsFinal ? "virtual "
            : string.Empty);

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    /// <summary>Accessors, and what every record has.</summary>
    private static bool IsMadeByTheCompiler(MethodInfo method) =>
        (method.IsSpecialName && !method.Name.StartsWith("op_Implicit", StringComparison.Ordinal)) ||
        method.GetCustomAttribute<CompilerGeneratedAttribute>() is not null;

    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", Declared) is not null && type.GetMethod("op_Equality", Declared) is not null;

    private static string Name(Type type, NullabilityInfo? info = null)
    {
        bool nullable = info is { ReadState: NullabilityState.Nullable } or { WriteState: NullabilityState.Nullable };
        if (Nullable.GetUnderlyingType(type) is Type inner)
        {
            return Name(inner) + "?";
        }

        string name = Keywords.GetValueOrDefault(type) ?? (type.IsArray
            ? $"{Name(type.GetElementType()!)}[]"
            : Nested(type) + Arguments(type, info));
        return name + (nullable && !type.IsValueType ? "?" : string.Empty);
    }

    private static string Nested(Type type)
    {
        string own = type.Name.Split('`')[0];
        return type.IsNested ? $"{Nested(type.DeclaringType!)}.{own}" : own;
    }

    private static string Arguments(Type type, NullabilityInfo? info)
    {
        Type[] arguments = type.GetGenericArguments();
        return arguments.Length == 0 ? string.Empty : "<" + string.Join(", ", arguments.Select(
            (argument, i) => Name(argument, info?.GenericTypeArguments.ElementAtOrDefault(i)))) + ">";
    }
}
