using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DenseConnector.Loading;

/// <summary>Loads a Linux shared library from bytes instead of a file of the application.</summary>
internal static partial class LibraryCopy
{
    private const uint CloseOnExec = 1;
    private const uint Executable = 0x10;
    private const int InvalidArgument = 22;

    // A path under /proc/self/fd is the loaded library's name. Were the number reused, a later load from the same path
    // would find our library, so the file stays open as long as the process lives.
    private static readonly List<SafeFileHandle> KeptOpen = [];

    /// <summary>Loads the bytes from a file in memory or, where the system refuses that, from a private one.</summary>
    /// <param name="name">The library's file name.</param>
    /// <param name="bytes">The library.</param>
    /// <param name="useMemory">Whether to try the file in memory; only tests say no.</param>
    /// <exception cref="DllNotFoundException">Neither way is allowed; the message gives both reasons.</exception>
    public static RemedyPlace Load(string name, byte[] bytes, bool useMemory = true)
    {
        string refusal = "not tried.";
        if (useMemory)
        {
            try
            {
                LoadFromMemory(name, bytes);
                return RemedyPlace.Memory;
            }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or IOException)
            {
                refusal = e.Message;
            }
        }

        try
        {
            LoadFromTemporaryFile(name, bytes);
            return RemedyPlace.TemporaryFile;
        }
        catch (Exception e) when (e is DllNotFoundException or IOException or UnauthorizedAccessException)
        {
            throw new DllNotFoundException(
                $"From memory: {refusal} From a temporary file in {Path.GetTempPath()}: {e.Message}", e);
        }
    }

    private static void LoadFromMemory(string name, byte[] bytes)
    {
        // Since Linux 6.3 a file may be declared executable, and hardened systems insist on it; older ones refuse that.
        int descriptor = CreateMemoryFile(name, CloseOnExec | Executable);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == InvalidArgument)
        {
            descriptor = CreateMemoryFile(name, CloseOnExec);
        }

        if (descriptor < 0)
        {
            throw new IOException($"memfd_create: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        SafeFileHandle file = new(descriptor, ownsHandle: true);
        try
        {
            RandomAccess.Write(file, bytes, 0);
            NativeLibrary.Load($"/proc/self/fd/{descriptor}");
        }
        catch
        {
            file.Dispose();
            throw;
        }

        KeptOpen.Add(file);
    }

    private static void LoadFromTemporaryFile(string name, byte[] bytes)
    {
        // Created with rights for this user alone.
        DirectoryInfo folder = Directory.CreateTempSubdirectory("denseconnector-");
        try
        {
            string path = Path.Combine(folder.FullName, name);
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (FileStream file = new(path, options))
            {
                file.Write(bytes);
            }

            NativeLibrary.Load(path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "memfd_create", SetLastError = true)]
    private static partial int CreateMemoryFile([MarshalAs(UnmanagedType.LPUTF8Str)] string name, uint flags);
}
