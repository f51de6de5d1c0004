using Xunit.Abstractions;

namespace DenseConnector.Tests.Text;

/// <summary>What the suite of tokenizer data ran.</summary>
public sealed class TokenizerReport(IMessageSink messages) : SuiteReport("Tokenizers", messages);
