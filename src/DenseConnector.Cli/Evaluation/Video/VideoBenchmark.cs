namespace DenseConnector.Cli.Evaluation.Video;

/// <summary>One of the five generative video benchmarks (<c>evaluate_benchmark_1</c> to <c>_5</c>).</summary>
/// <param name="Name">The name of the official script, which ends <c>evaluate_benchmark_</c>.</param>
/// <param name="AsksTwice">Whether each item has two questions.</param>
/// <param name="Label">What the official script prints before the score.</param>
/// <param name="Rubric">By what answers are scored.</param>
internal sealed record VideoBenchmark(string Name, bool AsksTwice, string Label, VideoRubric Rubric)
{
    private const string Judge = "gpt-3.5-turbo";
    private const string ScoreExample = "{''score': 4.8}";
    private const string Compares =
        "generative outputs for video-based question-answer pairs. Your task is to compare the predicted answer with " +
        "the correct answer and determine";

    private const string Synonyms = "Consider synonyms or paraphrases as valid matches.";

    /// <summary>Scores answers to the short questions of MSVD-QA, MSRVTT-QA and ActivityNet-QA.</summary>
    public static VideoRubric Short { get; } = new(
        "gpt-3.5-turbo-0125",
        "the correctness of generative outputs for question-answer pairs. Your task is to compare the predicted " +
        "answer with the correct answer and determine if they match meaningfully",
        [
            "Focus on the meaningful match between the predicted answer and the correct answer.",
            Synonyms,
            "Evaluate the correctness of the prediction compared to the answer.",
        ],
        "yes/no and score where the score is an integer value between 0 and 5, with 5 indicating the highest " +
        "meaningful match. Please generate the response in the form of a Python dictionary string with keys 'pred' " +
        "and 'score', where value of 'pred' is  a string of 'yes' or 'no' and value of 'score' is in INTEGER",
        "{'pred': 'yes', 'score': 4.8}");

    /// <summary>Whether what is said is true.</summary>
    public static VideoBenchmark Correctness { get; } = new(
        "1_correctness", false, "Average score for correctness", new(
        Judge,
        $"the factual accuracy of {Compares} if they are factually consistent",
        [
            "Focus on the factual consistency between the predicted answer and the correct answer. The predicted " +
            "answer should not contain any misinterpretations or misinformation.",
            "The predicted answer must be factually accurate and align with the video content.",
            Synonyms,
            "Evaluate the factual accuracy of the prediction compared to the answer.",
        ],
        Score("factual accuracy", "factual consistency"),
        ScoreExample));

    /// <summary>Whether it is complete and specific.</summary>
    public static VideoBenchmark Detail { get; } = new(
        "2_detailed_orientation", false, "Average score for detailed orientation", new(
        Judge,
        $"the detail orientation of {Compares} its level of detail, considering both completeness and specificity",
        [
            "Check if the predicted answer covers all major points from the video. The response should not leave " +
            "out any key aspects.",
            "Evaluate whether the predicted answer includes specific details rather than just generic points. It " +
            "should provide comprehensive information that is tied to specific elements of the video.",
            Synonyms,
            "Provide a single evaluation score that reflects the level of detail orientation of the prediction, " +
            "considering both completeness and specificity.",
        ],
        Score("detail orientation", "detail orientation"),
        ScoreExample));

    /// <summary>Whether it fits the whole of the video.</summary>
    public static VideoBenchmark Context { get; } = new(
        "3_context", false, "Average score for contextual understanding", new(
        Judge,
        $"the contextual understanding of {Compares} if the generated response aligns with the overall context of " +
        "the video content",
        [
            "Evaluate whether the predicted answer aligns with the overall context of the video content. It should " +
            "not provide information that is out of context or misaligned.",
            "The predicted answer must capture the main themes and sentiments of the video.",
            Synonyms,
            "Provide your evaluation of the contextual understanding of the prediction compared to the answer.",
        ],
        Score("contextual understanding", "contextual understanding", article: string.Empty),
        ScoreExample));

    /// <summary>Whether things happen in the right order.</summary>
    public static VideoBenchmark Temporal { get; } = new(
        "4_temporal", false, "Average score temporal understanding", new(
        Judge,
        $"the temporal understanding of {Compares} if they correctly reflect the temporal sequence of events in the " +
        "video content",
        [
            "Focus on the temporal consistency between the predicted answer and the correct answer. The predicted " +
            "answer should correctly reflect the sequence of events or details as they are presented in the video " +
            "content.",
            "Consider synonyms or paraphrases as valid matches, but only if the temporal order is maintained.",
            "Evaluate the temporal accuracy of the prediction compared to the answer.",
        ],
        Score("temporal accuracy", "temporal consistency"),
        ScoreExample));

    /// <summary>Whether two questions that ask the same get the same answer.</summary>
    public static VideoBenchmark Consistency { get; } = new(
        "5_consistency", true, "Average score for consistency", new(
        Judge,
        "the consistency of generative outputs for similar video-based question-answer pairs. You will be given two " +
        "very similar questions, a common answer common to both the questions and predicted answers for the two " +
        "questions .Your task is to compare the predicted answers for two very similar question, with a common " +
        "correct answer and determine if they are consistent",
        [
            "Focus on the consistency between the two predicted answers and the correct answer. Both predicted " +
            "answers should correspond to the correct answer and to each other, and should not contain any " +
            "contradictions or significant differences in the conveyed information.",
            "Both predicted answers must be consistent with each other and the correct answer, in terms of the " +
            "information they provide about the video content.",
            "Consider synonyms or paraphrases as valid matches, but only if they maintain the consistency in the " +
            "conveyed information.",
            "Evaluate the consistency of the two predicted answers compared to the correct answer.",
        ],
        Score("consistency", "consistency"),
        ScoreExample));

    /// <summary>All five, as they are numbered.</summary>
    public static IReadOnlyList<VideoBenchmark> All { get; } = [Correctness, Detail, Context, Temporal, Consistency];

    private static string Score(string name, string quality, string article = "the ") =>
        $"{name} score where the {name} score is an integer value between 0 and 5, with 5 indicating the highest " +
        $"level of {quality}. Please generate the response in the form of a Python dictionary string with keys " +
        $"'score', where its value is {article}{name} score in INTEGER";
}
