namespace DenseConnector.Cli.Evaluation.Mmmu;

/// <summary>The table of MMMU's scores: each domain with its subjects, and everything together.</summary>
internal static class MmmuTable
{
    private static readonly (string Domain, string[] Subjects)[] Domains =
    [
        ("Art and Design", ["Art", "Art_Theory", "Design", "Music"]),
        ("Business", ["Accounting", "Economics", "Finance", "Manage", "Marketing"]),
        ("Science", ["Biology", "Chemistry", "Geography", "Math", "Physics"]),
        ("Health and Medicine",
        [
            "Basic_Medical_Science", "Clinical_Medicine", "Diagnostics_and_Laboratory_Medicine", "Pharmacy",
            "Public_Health",
        ]),
        ("Humanities and Social Science", ["History", "Literature", "Sociology", "Psychology"]),
        ("Tech and Engineering",
        [
            "Agriculture", "Architecture_and_Engineering", "Computer_Science", "Electronics", "Energy_and_Power",
            "Materials", "Mechanical_Engineering",
        ]),
    ];

    /// <summary>All subjects, in the order in which they are scored and guesses are drawn.</summary>
    public static IReadOnlyList<string> Subjects { get; } =
        [.. Domains.SelectMany(domain => domain.Subjects).Order(StringComparer.Ordinal)];

    /// <summary>The rows of the table; subjects that were not asked about are left out.</summary>
    /// <param name="scores">The score of each subject.</param>
    public static IEnumerable<(string Name, MmmuScore Score)> Rows(IReadOnlyDictionary<string, MmmuScore> scores)
    {
        foreach ((string domain, string[] subjects) in Domains)
        {
            string[] present = [.. subjects.Where(scores.ContainsKey)];
            yield return ($"Overall-{domain}", Together(present));
            foreach (string subject in present)
            {
                yield return (subject, scores[subject].Rounded());
            }
        }

        yield return ("Overall", Together(Subjects.Where(scores.ContainsKey)));

        MmmuScore Together(IEnumerable<string> names) =>
            MmmuScore.Of([.. names.Select(name => scores[name])]).Rounded();
    }
}
