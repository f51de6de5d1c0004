using Microsoft.Extensions.Logging;

namespace DenseConnector.Hosting;

/// <summary>What is written to the application's log; never a prompt or an answer.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Loading the model {Model}.")]
    public static partial void Loading(ILogger logger, string model);

    [LoggerMessage(
        2,
        LogLevel.Information,
        "The model {Model} is ready on {Device} ({Precision}, quantization {Quantization}) after {Seconds:0.0} s.")]
    public static partial void Ready(
        ILogger logger, string model, string device, Precision precision, Quantization quantization, double seconds);

    [LoggerMessage(3, LogLevel.Error, "The model {Model} cannot be loaded.")]
    public static partial void Failed(ILogger logger, string model, Exception error);
}
