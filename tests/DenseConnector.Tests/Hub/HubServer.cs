using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DenseConnector.Tests.Hub;

/// <summary>
/// A real HTTP server on the loopback interface: one request for each connection, so that a test can cut it anywhere.
/// </summary>
internal sealed class HubServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<HubRequest, HubReply> _answer;

    public HubServer(Func<HubRequest, HubReply> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _ = AcceptAsync();
    }

    public string Address { get; }

    public ConcurrentQueue<HubRequest> Requests { get; } = new();

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                if (await ReadAsync(stream) is HubRequest request)
                {
                    Requests.Enqueue(request);
                    await WriteAsync(client, stream, request, _answer(request));
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
            {
                // The client went away, or the test is over.
            }
        }
    }

    private async Task<HubRequest?> ReadAsync(NetworkStream stream)
    {
        List<byte> head = [];
        byte[] one = new byte[1];
        while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, _end.Token) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        string[] lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, string> headers = lines.Skip(1).Select(line => line.Split(':', 2))
            .ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1].Trim());
        byte[] body = new byte[int.Parse(headers.GetValueOrDefault("content-length", "0"), null)];
        await stream.ReadExactlyAsync(body, _end.Token);
        string[] first = lines[0].Split(' ');
        return new HubRequest(first[0], Uri.UnescapeDataString(first[1]), headers, Encoding.UTF8.GetString(body));
    }

    private async Task WriteAsync(TcpClient client, NetworkStream stream, HubRequest request, HubReply reply)
    {
        StringBuilder head = new($"HTTP/1.1 {reply.Status} Test\r\nConnection: close\r\n");
        head.Append(null, $"Content-Length: {reply.ContentLength ?? reply.Body.Length}\r\n");
        foreach ((string name, string value) in reply.Headers)
        {
            head.Append(null, $"{name}: {value}\r\n");
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _end.Token);
        if (request.Method == "HEAD")
        {
            return;
        }

        int? cut = reply.BreakAfter ?? reply.StallAfter;
        await stream.WriteAsync(reply.Body.AsMemory(0, Math.Min(cut ?? int.MaxValue, reply.Body.Length)), _end.Token);
        await stream.FlushAsync(_end.Token);
        if (cut < reply.Body.Length && reply.StallAfter is not null)
        {
            await Task.Delay(Timeout.Infinite, _end.Token);
        }

        // What was sent arrives; then the end.
        client.Client.Shutdown(SocketShutdown.Send);
    }
}
