using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace DenseConnector.Cli.Tests.Serving;

/// <summary>Keeps all that is logged at Information and above.</summary>
/// <param name="heard">Told of each message, on the thread that logs.</param>
internal sealed class RecordingLog(Action<string>? heard = null) : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Messages { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            string message = $"{formatter(state, exception)} {exception}";
            Messages.Enqueue(message);
            heard?.Invoke(message);
        }
    }

    public void Dispose()
    {
    }
}
