namespace DenseConnector.Cli.Evaluation.Reporting;

/// <summary>The pictures of a page: each is in it once, and no more than a browser opens with ease.</summary>
internal sealed class PagePictures
{
    /// <summary>The most pictures in a page.</summary>
    public const int Limit = 400;

    private readonly Dictionary<string, int?> _places = new(StringComparer.Ordinal);
    private readonly List<string> _addresses = [];

    /// <summary>The pictures as <c>data:</c> addresses.</summary>
    public IReadOnlyList<string> Addresses => _addresses;

    /// <summary>How many pictures were left out because there is no room.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Finds the place of a picture, and adds it if there is room.</summary>
    /// <param name="path">The picture's file.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <returns><c>null</c> if there is no room, or the file is missing or no picture.</returns>
    public async Task<int?> FindAsync(string path, CancellationToken cancellation)
    {
        if (_places.TryGetValue(path, out int? known))
        {
            return known;
        }

        int? place = null;
        if (_addresses.Count >= Limit)
        {
            LeftOut++;
        }
        else if (await Thumbnail.ReadAsync(path, cancellation) is string address)
        {
            place = _addresses.Count;
            _addresses.Add(address);
        }

        return _places[path] = place;
    }
}
