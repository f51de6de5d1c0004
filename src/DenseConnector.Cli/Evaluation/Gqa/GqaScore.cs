using System.Globalization;
using System.Text;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Gqa;

/// <summary>The scores of GQA over its balanced questions.</summary>
/// <param name="Questions">All questions, in the order of their file.</param>
internal sealed record GqaScore(IReadOnlyList<GqaQuestion> Questions)
{
    private readonly GqaQuestion[] _balanced = [.. Questions.Where(question => question.IsBalanced)];

    /// <summary>The accuracy over all.</summary>
    public GqaShare All => GqaShare.Of(_balanced);

    /// <summary>The accuracy over those that ask for a name.</summary>
    public GqaShare Open => GqaShare.Of([.. _balanced.Where(question => question.Structure == "query")]);

    /// <summary>The accuracy over those with two answers to choose from.</summary>
    public GqaShare Binary => GqaShare.Of([.. _balanced.Where(question => question.Structure != "query")]);

    /// <summary>The accuracy by the kind of operation.</summary>
    public IReadOnlyDictionary<string, GqaShare> ByStructure =>
        By(question => question.Structure, StringComparer.Ordinal);

    /// <summary>The accuracy by the subject.</summary>
    public IReadOnlyDictionary<string, GqaShare> ByMeaning => By(question => question.Meaning, StringComparer.Ordinal);

    /// <summary>The accuracy by the number of steps.</summary>
    public IReadOnlyDictionary<int, GqaShare> BySteps => By(question => question.Steps, Comparer<int>.Default);

    /// <summary>The accuracy by the number of words.</summary>
    public IReadOnlyDictionary<int, GqaShare> ByWords => By(question => question.Words, Comparer<int>.Default);

    /// <summary>
    /// How far the model's answers are from being as frequent as the right ones: chi squared, averaged over the groups
    /// by their questions and divided by 100.
    /// </summary>
    public double Distribution
    {
        get
        {
            double sum = 0;
            int all = 0;
            foreach (IGrouping<string?, GqaQuestion> group in
                _balanced.Where(question => question.Group is not null).GroupBy(question => question.Group))
            {
                double distance = group.GroupBy(question => question.Answer).Sum(answer =>
                {
                    double difference = group.Count(question => question.Prediction == answer.Key) - answer.Count();
                    return difference * difference / answer.Count();
                });
                sum += distance * group.Count();
                all += group.Count();
            }

            return sum / all / 100;
        }
    }

    /// <summary>The lines that the official script prints when it is given no scenes and no choices.</summary>
    public string Report()
    {
        StringBuilder text = new();
        AppendLine($"Binary: {Percent(Binary)}");
        AppendLine($"Open: {Percent(Open)}");
        AppendLine($"Accuracy: {Percent(All)}");
        AppendLine("Validity: 0.00%");
        AppendLine("Plausibility: 0.00%");
        AppendLine($"Distribution: {PythonNumber.Fixed(Distribution, 2)} (lower is better)");
        AppendShares("structural type", ByStructure);
        AppendShares("semantic type", ByMeaning);
        AppendShares("steps number", BySteps);
        AppendShares("words number", ByWords);
        return text.ToString();

        void AppendShares<T>(string title, IReadOnlyDictionary<T, GqaShare> shares)
        {
            AppendLine($"\nAccuracy / {title}:");
            foreach ((T name, GqaShare share) in shares)
            {
                AppendLine(string.Create(
                    CultureInfo.InvariantCulture, $"  {name}: {Percent(share)} ({share.Questions} questions)"));
            }
        }

        void AppendLine(string line) => text.Append(line).Append('\n');
    }

    private static string Percent(GqaShare share) => PythonNumber.Fixed(share.Percent, 2) + "%";

    private OrderedDictionary<T, GqaShare> By<T>(Func<GqaQuestion, T> kind, IComparer<T> order)
        where T : notnull => new(_balanced
            .GroupBy(kind)
            .OrderBy(group => group.Key, order)
            .Select(group => KeyValuePair.Create(group.Key, GqaShare.Of([.. group]))));
}
