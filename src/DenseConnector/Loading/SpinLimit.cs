using System.Runtime.InteropServices;

namespace DenseConnector.Loading;

/// <summary>
/// Lets the threads of libtorch's OpenMP library wait for work by spinning only for some tens of microseconds, instead
/// of milliseconds.
/// </summary>
/// <remarks>
/// After every parallel operator those threads keep a processor each, and the kernels of a token, which follow with
/// threads of their own, share it with them: eight requests at once of a Phi-2 in int4 gave 21 tokens a second, and 33
/// with this limit; nothing was seen to become slower. libgomp reads its limit from the environment, once, when it is
/// loaded: the variable is set for that moment, unless the user has set one about waiting. It changes nothing where
/// libgomp is loaded already or another OpenMP library is used.
/// </remarks>
internal sealed partial class SpinLimit : IDisposable
{
    private const string Variable = "GOMP_SPINCOUNT";
    private const string Iterations = "20000";
    private static readonly string[] Wishes = [Variable, "OMP_WAIT_POLICY"];

    private readonly bool _isSet = OperatingSystem.IsLinux() &&
        Array.TrueForAll(Wishes, wish => Environment.GetEnvironmentVariable(wish) is null) &&
        SetVariable(Variable, Iterations, overwrite: 0) == 0;

    /// <summary>Removes the variable again.</summary>
    public void Dispose()
    {
        if (_isSet)
        {
            _ = UnsetVariable(Variable);
        }
    }

    // .NET's own variables are a copy that native libraries do not see.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnsetVariable(string name);
}
