namespace DenseConnector.Tests.Diagnostics;

/// <summary>Tests of what listeners see run alone: a listener hears the whole process.</summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public sealed class RunsAlone;
