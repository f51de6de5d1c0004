namespace DenseConnector.Hub;

/// <summary>The lock on one file of the cache, against other processes and other tasks of this one.</summary>
/// <remarks>
/// Works with Python's <c>filelock</c>: on Unix both call <c>flock</c> on the same file, on Windows an open file that
/// is shared with nobody keeps the other from opening it. The lock file stays behind, as there. The system releases
/// the lock when its process ends, however it ends.
/// </remarks>
internal sealed class HubLock : IDisposable
{
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int WindowsLockViolation = unchecked((int)0x80070021);
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly FileStream _file;

    private HubLock(FileStream file) => _file = file;

    /// <summary>Waits for the lock and takes it.</summary>
    /// <param name="path">The lock file; it is created with its folder.</param>
    /// <param name="waiting">Called once if somebody else has the lock.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<HubLock> AcquireAsync(string path, Action waiting, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (bool told = false; ;)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return new HubLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException e) when (IsTaken(e))
            {
                if (!told)
                {
                    told = true;
                    waiting();
                }
            }

            await Task.Delay(Interval, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _file.Dispose();

    private static bool IsTaken(IOException e) => OperatingSystem.IsWindows()
        ? e.HResult is WindowsSharingViolation or WindowsLockViolation
        : e.HResult == (OperatingSystem.IsMacOS() ? MacWouldBlock : LinuxWouldBlock);
}
