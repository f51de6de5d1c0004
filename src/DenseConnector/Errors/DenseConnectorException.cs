namespace DenseConnector;

/// <summary>The base of every error this library raises that is not a mistake in a call's arguments.</summary>
public abstract class DenseConnectorException : Exception
{
    private protected DenseConnectorException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
