using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>A benchmark of questions about videos, whose answers another model judges.</summary>
internal abstract class JudgedVideoBenchmark : JudgedBenchmark
{
    /// <summary>Makes the benchmark.</summary>
    /// <param name="name">The name on the command line.</param>
    /// <param name="title">The name in tables.</param>
    /// <param name="description">What the benchmark measures, in a few words.</param>
    /// <param name="rubric">By what answers are judged.</param>
    /// <param name="files">The files of the data folder.</param>
    /// <param name="videos">The folder of the videos.</param>
    protected JudgedVideoBenchmark(
        string name,
        string title,
        string description,
        VideoRubric rubric,
        IReadOnlyList<DataFile> files,
        DataFile videos)
        : base(name, title, $"{description}; needs ffmpeg and a judge", rubric.Model)
    {
        Rubric = rubric;
        Files = [.. files, videos];
        ImageFolder = videos;
        Generation = new GenerationOptions { MaxNewTokens = 512 };
        AnswerFields = [VideoAnswer.Prediction];
    }

    /// <summary>By what answers are judged.</summary>
    protected VideoRubric Rubric { get; }

    /// <inheritdoc/>
    public override void RequirePrograms()
    {
        VideoProgram.Probe.Require();
        VideoProgram.Decoder.Require();
    }

    /// <inheritdoc/>
    public override JudgingPlan Judge(BenchmarkData data, string answerFile, string judgeModel)
    {
        IReadOnlyList<VideoAnswer> answers = ReadAnswers(answerFile);
        return new JudgingPlan(
            [.. answers.Select(answer => Rubric.Task(answer, judgeModel))],
            judged =>
            {
                IReadOnlyList<VideoResult> results = VideoResult.Of(answers, judged);
                return Score(results) with
                {
                    Verdicts = results.Where(result => result.Verdict is not null).ToDictionary(
                        result => result.Answer.Key, result => result.Weigh()),
                    Files = [new OutputFile("results.json", VideoResult.Write(results))],
                };
            });
    }

    /// <summary>Reads the answers as they are judged.</summary>
    protected abstract IReadOnlyList<VideoAnswer> ReadAnswers(string file);

    /// <summary>Scores the judged answers.</summary>
    protected abstract EvaluationScore Score(IReadOnlyList<VideoResult> results);

    /// <summary>Leaves out questions whose video is missing, as the official scripts do, and says how many.</summary>
    /// <exception cref="IOException">Not one video is there.</exception>
    protected IReadOnlyList<EvaluationItem> WithVideo(BenchmarkData data, IReadOnlyList<EvaluationItem?> items)
    {
        data.Entries = items.Count;
        EvaluationItem[] there = [.. items.Index()
            .Where(item => item.Item is not null)
            .Select(item => item.Item! with { Entry = item.Index })];
        string which =
            $"{Title}: {items.Count - there.Length} of {items.Count} questions lack their video (.mp4, .avi, .mov or " +
            $".mkv) in '{data.Images}'";
        if (there.Length == 0 && items.Count > 0)
        {
            throw new IOException($"{which}. Put the videos there, or name their folder with --images.");
        }

        if (there.Length < items.Count)
        {
            data.Note($"{which}. They are left out, as in the official scripts, and count nowhere.");
        }

        return there;
    }

    /// <summary>A mean as it is reported; <c>null</c> where there is nothing to take it of.</summary>
    protected static double? ValueOf(double mean) => double.IsNaN(mean) ? null : mean;
}
