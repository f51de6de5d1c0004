using System.CommandLine;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// The options that say which revision of a repository is taken and where it is kept. There is none for the token: a
/// command line is seen by every user of a machine and kept in histories; it comes from <c>HF_TOKEN</c>.
/// </summary>
internal sealed class HubArguments
{
    private readonly Option<string?> _revision = new("--revision")
    {
        Description = "Branch, tag or commit of the model's repository.",
        HelpName = "name",
    };

    private readonly Option<string?> _cache = new("--cache")
    {
        Description = "Folder of the download cache, in place of HF_HUB_CACHE.",
        HelpName = "folder",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_revision);
        command.Options.Add(_cache);
    }

    /// <summary>The options as the library takes them.</summary>
    /// <exception cref="ArgumentException">A value is malformed.</exception>
    public HubOptions Read(ParseResult parsed) => new()
    {
        Revision = parsed.GetValue(_revision),
        CacheFolder = parsed.GetValue(_cache),
    };
}
