namespace DenseConnector;

/// <summary>Whether weights are used where their file lies in memory, or copied out of it.</summary>
/// <remarks>
/// <para>
/// A mapped weight takes no memory of the process and is not read at the load: the system brings its pages in when they
/// are first used, keeps them for the next load, and shares them between processes that map the same file. Only weights
/// that stay as they are stored can be mapped: on a CPU, computed in the number format of the file, not changed by a
/// LoRA adapter, and at an aligned place in the file. All others are copied, whatever is chosen here.
/// </para>
/// <para>
/// While a model is loaded, nothing may change or shorten a file it has mapped: changed bytes become changed weights,
/// and the system ends the process (SIGBUS; on Windows an access violation) when it uses a page that the file has lost,
/// or that a failing disk or network does not give. No program can guard itself against that; a file's length is
/// checked when it is opened. Deleting or replacing the file (writing a new one and renaming it) is harmless on Linux
/// and macOS; Windows refuses it as long as the file is mapped.
/// </para>
/// </remarks>
public enum MemoryMap
{
    /// <summary>Files on local disks are mapped, those on network file systems copied.</summary>
    Auto,

    /// <summary>Files are mapped wherever they lie, for network file systems that can be relied on.</summary>
    Always,

    /// <summary>Weights are copied; the files may change once the model is loaded.</summary>
    Never,
}
