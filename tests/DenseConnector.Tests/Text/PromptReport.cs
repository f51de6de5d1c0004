using Xunit.Abstractions;

namespace DenseConnector.Tests.Text;

/// <summary>What the suite of prompt data ran.</summary>
public sealed class PromptReport(IMessageSink messages) : SuiteReport("Prompts", messages);
